// The words that explain an outcome open with it.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.open || !target.matches?.("details.outcome")) return;
    const next = target.closest(".cell")?.nextElementSibling;
    if (next?.matches("details.answer")) next.open = true;
  },
  true,
);
