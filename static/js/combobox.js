/* The parent's box as a combobox (WAI-ARIA APG, list autocomplete with manual selection): arrows, Enter, Escape. */

const { announce } = globalThis.desk;
const box = document.querySelector("[data-combobox] .input");

const WAIT = 150;

function list() {
  return document.getElementById("parent-suggestions");
}

function options() {
  return [...list().querySelectorAll("[role=option]")];
}

function isOpen() {
  return !list().hidden;
}

function mark(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function close() {
  list().hidden = true;
  box.setAttribute("aria-expanded", "false");
  mark(null);
}

function choose(option) {
  box.value = option.dataset.value;
  close();
  // As if it had been typed and left: the save bar hears of it, and the field is checked.
  box.dispatchEvent(new Event("input", { bubbles: true }));
  window.clearTimeout(waiting);
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

let waiting = 0;

function suggestSoon() {
  window.clearTimeout(waiting);
  if (box.value.trim()) waiting = window.setTimeout(() => globalThis.htmx.trigger(box, "suggest"), WAIT);
  else close();
}

function step(direction) {
  const all = options();
  if (!all.length) return;
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = at < 0 && direction < 0 ? all.length - 1 : at + direction;
  mark(all[(next + all.length) % all.length]);
}

function obeyKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  const marked = options().find((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (isOpen()) step(event.key === "ArrowDown" ? 1 : -1);
    else suggestSoon();
  } else if (event.key === "Enter" && isOpen() && marked) {
    event.preventDefault();
    choose(marked);
  } else if (event.key === "Escape" && isOpen()) {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
}

function askWithWhatIsTyped(event) {
  if (event.target !== box) return;
  event.detail.parameters = { q: box.value.trim() };
}

function showSuggestions(event) {
  if (event.detail.target.id !== "parent-suggestions") return;
  const isWanted = document.activeElement === box && box.value.trim();
  if (!isWanted || list().hidden) return close();
  box.setAttribute("aria-expanded", "true");
  box.setAttribute("aria-controls", "parent-options");
  return announce(list().dataset.count);
}

function chooseByPointer(event) {
  const option = event.target.closest("#parent-suggestions [role=option]");
  if (!option) return;
  event.preventDefault(); // the focus stays in the box
  choose(option);
}

if (box) {
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-haspopup", "listbox");
  box.addEventListener("input", suggestSoon);
  box.addEventListener("keydown", obeyKey);
  box.addEventListener("blur", () => { window.clearTimeout(waiting); close(); });
  box.form.addEventListener("htmx:configRequest", askWithWhatIsTyped);
  document.addEventListener("htmx:afterSettle", showSuggestions);
  document.addEventListener("mousedown", chooseByPointer);
}
