/* Keyboard shortcuts: each presses what the page marks with data-shortcut. js/list.js has those of the list. */

const { mayUseKeys, mayUseSingleKeys } = globalThis.desk;

const SINGLE_KEYS = { "/": "search", e: "edit", n: "new", j: "next", k: "previous" };
/* What Esc closes before it leaves the form. */
const OPEN_POPUP = "[role=combobox][aria-expanded=true]";

function press(name) {
  const element = document.querySelector(`[data-shortcut=${name}]`);
  if (!element) return false;
  document.dispatchEvent(new CustomEvent("desk:shortcut", { detail: name }));
  if (element.type === "search") {
    element.focus();
    element.select();
  } else {
    element.click();
  }
  return true;
}

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog) return false;
  dialog.showModal();
  return true;
}

function obeySingleKey(event) {
  if (!mayUseSingleKeys(event)) return false;
  if (event.key === "?") return openDialog("shortcuts");
  return Object.hasOwn(SINGLE_KEYS, event.key) && press(SINGLE_KEYS[event.key]);
}

function obeyFormKey(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return press("save");
  if (event.key === "Escape" && event.target.type !== "search" && !document.querySelector(OPEN_POPUP)) return press("cancel");
  return false;
}

function obeyShortcut(event) {
  if (mayUseKeys(event) && (obeyFormKey(event) || obeySingleKey(event))) event.preventDefault();
}

document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-open-dialog], [data-close-dialog]");
  if (!element) return;
  if ("openDialog" in element.dataset) openDialog(element.dataset.openDialog);
  else element.closest("dialog").close();
});
document.addEventListener("keydown", obeyShortcut);
