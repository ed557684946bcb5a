/* Keyboard shortcuts and their list. Single keys never fire while somebody types. */

const form = document.getElementById("customer-form");

const SINGLE_KEYS_OFF = "desk.single-keys-off";

function isTyping(target) {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), select, textarea");
}

function press(name) {
  const element = document.querySelector(`[data-shortcut=${name}]`);
  if (!element) return false;
  if (element.type === "search") element.select();
  if (element.type === "search") element.focus();
  else element.click();
  return true;
}

function openShortcuts() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog) return false;
  dialog.showModal();
  return true;
}

function obeySingleKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
  if (window.localStorage.getItem(SINGLE_KEYS_OFF)) return false;
  if (event.key === "/") return press("search");
  if (event.key === "e") return press("edit");
  if (event.key === "?") return openShortcuts();
  return false;
}

function obeyFormKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return press("save");
  if (event.key === "Escape" && event.target.type !== "search") return press("cancel");
  return false;
}

function obeyShortcut(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  if (document.querySelector("dialog[open]")) return;
  if ((form && obeyFormKey(event)) || obeySingleKey(event)) event.preventDefault();
}

function rememberSingleKeys() {
  const tick = document.getElementById("single-keys");
  if (!tick) return;
  tick.checked = !window.localStorage.getItem(SINGLE_KEYS_OFF);
  tick.addEventListener("change", () => {
    if (tick.checked) window.localStorage.removeItem(SINGLE_KEYS_OFF);
    else window.localStorage.setItem(SINGLE_KEYS_OFF, "1");
  });
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-open-dialog], [data-close-dialog]");
  if (!element) return;
  if ("openDialog" in element.dataset) document.getElementById(element.dataset.openDialog).showModal();
  else element.closest("dialog").close();
});
document.addEventListener("keydown", obeyShortcut);
rememberSingleKeys();
