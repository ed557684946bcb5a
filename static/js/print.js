/* The print button: opens what is folded, so that it is on the paper, and the browser's own dialog. */

let opened = [];

window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll(".fold:not([open])")];
  for (const fold of opened) fold.open = true;
});
window.addEventListener("afterprint", () => {
  for (const fold of opened) fold.open = false;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
