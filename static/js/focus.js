/* Where the focus goes: from a line of the error summary to its field, and on when htmx replaced what had it. */

let wasLostFrom = null;

function focusTargetOfLink(event, link) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "center" });
}

function rememberFocus(event) {
  const { activeElement } = document;
  wasLostFrom = event.detail.target.contains(activeElement) ? activeElement.id : null;
}

function isLost() {
  return !document.activeElement || document.activeElement === document.body;
}

function focusOn(element) {
  if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/* htmx itself minds autofocus, and an element of the same id. Where the fragment has neither, its heading is read. */
function keepFocus(event) {
  if (wasLostFrom === null || !isLost()) return;
  const fragment = event.detail.elt;
  const next = fragment.querySelector("[autofocus]") || (wasLostFrom && document.getElementById(wasLostFrom))
    || fragment.querySelector("h1, h2, h3") || fragment;
  wasLostFrom = null;
  focusOn(next);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[role=alert] a[href^='#']");
  if (link) focusTargetOfLink(event, link);
});
document.addEventListener("htmx:beforeSwap", rememberFocus);
document.addEventListener("htmx:afterSettle", keepFocus);
