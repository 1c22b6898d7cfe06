// A figure that the page has made smaller shows its full size on a click or tap, and scrolls; again, and it fits.
document.addEventListener("click", ({ target }) => {
  if (target.matches(".cell_output img")) target.classList.toggle("full-size");
});
