/* The list: keys step through it, more of it is put behind what is there, what was found is announced. */

const { announce, mayUseSingleKeys } = globalThis.desk;

/* Rows that were there when more were asked for; null while nobody waits for more. */
let rowsBefore = null;

function rowLinks() {
  return [...document.querySelectorAll("#customer-list .row-link")];
}

function textOf(id) {
  return (document.getElementById(id)?.textContent ?? "").trim().replace(/\s+/g, " ");
}

function stepTo(stops, place) {
  stops[Math.min(Math.max(place, 0), stops.length - 1)].focus();
}

function stepByArrow(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [document.getElementById("q"), ...rowLinks()];
  const at = stops.indexOf(event.target);
  if (!step || at < 0 || stops.length < 2 || event.ctrlKey || event.altKey || event.metaKey) return false;
  stepTo(stops, at + step);
  return true;
}

function stepByKey(event) {
  const step = { j: 1, k: -1 }[event.key];
  const stops = rowLinks();
  if (!step || !stops.length || !mayUseSingleKeys(event)) return false;
  // From anywhere else it goes to the first row.
  stepTo(stops, stops.includes(event.target) ? stops.indexOf(event.target) + step : 0);
  return true;
}

function stepThroughRows(event) {
  if (!event.defaultPrevented && (stepByArrow(event) || stepByKey(event))) event.preventDefault();
}

function rememberRows(event) {
  if (event.detail.elt.matches("[data-show-more]")) rowsBefore = rowLinks().length;
}

function forgetRows(event) {
  if (event.detail.elt.matches("[data-show-more]") && !event.detail.successful) rowsBefore = null;
}

/* Back and a reload show as many rows again, and so the place that the browser scrolls to. */
function rememberInAddress(rows) {
  const address = new URL(window.location.href);
  address.searchParams.set("list", "1");
  address.searchParams.set("shown", rows);
  window.history.replaceState(window.history.state, "", address);
}

function goToFirstNewRow() {
  const links = rowLinks();
  const shown = document.getElementById("shown-count");
  if (shown) shown.textContent = shown.dataset.text.replace("{count}", links.length);
  links[rowsBefore]?.focus();
  rowsBefore = null;
  rememberInAddress(links.length);
  announce([textOf("customer-count"), textOf("shown-count")].filter(Boolean).join(", "));
}

function showWhatWasFound() {
  for (const view of document.querySelectorAll(".view [aria-current]")) view.removeAttribute("aria-current");
  announce(textOf("customer-count"));
}

function afterSettle(event) {
  if (event.detail.target?.id === "customer-list" && rowsBefore !== null) goToFirstNewRow();
  else if (event.detail.target?.id === "customer-rows") showWhatWasFound();
}

document.addEventListener("keydown", stepThroughRows);
document.addEventListener("htmx:beforeRequest", rememberRows);
document.addEventListener("htmx:afterRequest", forgetRows);
document.addEventListener("htmx:afterSettle", afterSettle);
