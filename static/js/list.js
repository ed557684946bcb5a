/* The list: arrows step through it, what was found is announced. */

const { announce } = globalThis.desk;

function stepThroughResults(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [document.getElementById("q"), ...document.querySelectorAll(".row-link")];
  const at = stops.indexOf(event.target);
  if (!step || at < 0 || stops.length < 2) return;
  event.preventDefault();
  stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
}

function announceSearchResult(event) {
  if (event.detail.target.id !== "customer-rows") return;
  announce(document.getElementById("customer-count").textContent.trim().replace(/\s+/g, " "));
}

document.addEventListener("keydown", stepThroughResults);
document.addEventListener("htmx:afterSettle", announceSearchResult);
