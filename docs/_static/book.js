// A figure is a link to its picture. Where the page has made it smaller, a click, a tap or Enter shows its full size in
// the page, and scrolls; again, and it fits.
document.addEventListener("click", (event) => {
  const link = event.target.closest("figure a.image-reference");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.classList.toggle("full-size");
});

// Paper is white and has no folds. Afterwards the page is as it was, so that no answer stays open.
let afterPrint = null;
addEventListener("beforeprint", () => {
  if (afterPrint) return;
  const page = document.documentElement.dataset, theme = page.theme;
  const folds = [...document.querySelectorAll("details:not([open])")];
  page.theme = "light";
  folds.forEach((fold) => (fold.open = true));
  afterPrint = () => {
    page.theme = theme;
    folds.forEach((fold) => (fold.open = false));
    afterPrint = null;
  };
});
addEventListener("afterprint", () => afterPrint?.());

// A formula that is wider than the page scrolls, from the keyboard too; any other is no stop of the Tab key.
function reachWideFormulas() {
  document.querySelectorAll("div.math, div.math mjx-container").forEach((formula) => {
    if (formula.scrollWidth > formula.clientWidth + 1 && getComputedStyle(formula).overflowX === "auto") formula.tabIndex = 0;
    else formula.removeAttribute("tabindex");
  });
}
addEventListener("load", () => window.MathJax?.startup?.promise.then(reachWideFormulas));
addEventListener("resize", reachWideFormulas);
