/* What neither HTML nor htmx can do: shortcuts, copying, the save bar. Every page works without it. */
"use strict";

const announcer = document.getElementById("announcer");
const form = document.getElementById("customer-form");

/* --- Saying things ------------------------------------------------------------------------------------------------ */

function announce(text) {
  announcer.textContent = "";
  window.setTimeout(() => { announcer.textContent = text; }, 50);
}

function announceSearchResult(event) {
  if (event.detail.target.id !== "customer-rows") return;
  announce(document.getElementById("customer-count").textContent.trim().replace(/\s+/g, " "));
}

function showThatTheDeskIsUnreachable() {
  const message = document.getElementById("unreachable").content.cloneNode(true);
  document.getElementById("messages").replaceChildren(message);
}

function clearMessages() {
  document.getElementById("messages").replaceChildren();
}

/* --- Copying ------------------------------------------------------------------------------------------------------ */

function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("The browser refused to copy");
}

async function copyToClipboard(button) {
  try {
    // The clipboard interface exists on HTTPS and localhost alone.
    if (navigator.clipboard) await navigator.clipboard.writeText(button.dataset.copy);
    else copyBySelection(button.dataset.copy);
  } catch {
    announce("Not copied: the browser refused");
    return;
  }
  button.focus();
  button.classList.add("is-copied");
  announce(`Copied the ${button.dataset.copyWhat}`);
  window.setTimeout(() => button.classList.remove("is-copied"), 1600);
}

/* --- Focus -------------------------------------------------------------------------------------------------------- */

function focusTargetOfLink(event, link) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "center" });
}

function stepThroughResults(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [document.getElementById("q"), ...document.querySelectorAll(".row-link")];
  const at = stops.indexOf(event.target);
  if (!step || at < 0 || stops.length < 2) return;
  event.preventDefault();
  stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
}

/* --- The save bar ------------------------------------------------------------------------------------------------- */

function differsFromDefault(control) {
  if (control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (control instanceof HTMLSelectElement) {
    const opened = [...control.options].find((option) => option.defaultSelected) || control.options[0];
    return control.value !== opened.value;
  }
  return control.value !== control.defaultValue;
}

// The rows that would be saved: removed ones and blank ones are none.
function serialiseRows(editor) {
  return [...editor.querySelectorAll(".row:not(.row-head, .row-removed)")]
    .map((row) => [...row.querySelectorAll(".input")].map((input) => input.value.trim()))
    .filter((texts) => texts.some(Boolean))
    .map((texts) => JSON.stringify(texts))
    .sort()
    .join();
}

function rowEditors() {
  return [...form.querySelectorAll("[data-rows-label]")];
}

function watchUnsavedEdits() {
  const state = document.getElementById("save-state");
  const opened = new Map(rowEditors().map((editor) => [editor.id, serialiseRows(editor)]));
  const notSavedYet = "notSavedYet" in form.dataset;
  let submitting = false;

  function unsavedLabels() {
    const controls = [...form.querySelectorAll("[data-label]")].filter(differsFromDefault);
    const editors = rowEditors().filter((editor) => serialiseRows(editor) !== opened.get(editor.id));
    return [
      ...controls.map((control) => control.dataset.label),
      ...editors.map((editor) => editor.dataset.rowsLabel),
    ];
  }

  function markChangedFields() {
    for (const control of form.querySelectorAll("[data-label]")) {
      control.closest(".field").classList.toggle("is-changed", differsFromDefault(control));
    }
  }

  function askForConfirmationOfExternalId() {
    const tick = document.getElementById("confirm_external_id-field");
    const externalId = document.getElementById("external_id").value.trim();
    const unchanged = externalId === tick.closest("[data-external-id]").dataset.externalId;
    tick.hidden = unchanged && !tick.classList.contains("has-error");
  }

  function nameWhatIsUnsaved() {
    const labels = unsavedLabels();
    const text = notSavedYet ? "Not saved yet: your edits are in the form"
      : labels.length ? `Unsaved: ${labels.join(", ")}` : "No unsaved edits";
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("is-unsaved", notSavedYet || labels.length > 0);
    markChangedFields();
    askForConfirmationOfExternalId();
  }

  form.addEventListener("input", nameWhatIsUnsaved);
  form.addEventListener("change", nameWhatIsUnsaved);
  form.addEventListener("submit", () => { submitting = true; });
  document.addEventListener("htmx:afterSettle", nameWhatIsUnsaved);
  window.addEventListener("pageshow", () => { submitting = false; nameWhatIsUnsaved(); });
  window.addEventListener("beforeunload", (event) => {
    if (!submitting && (notSavedYet || unsavedLabels().length)) event.preventDefault();
  });
  nameWhatIsUnsaved();
}

/* --- Shortcuts ---------------------------------------------------------------------------------------------------- */

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

/* --- Start -------------------------------------------------------------------------------------------------------- */

function answerClick(event) {
  const element = event.target.closest("[data-copy], [data-open-dialog], [data-close-dialog], [role=alert] a[href^='#']");
  if (!element) return;
  if ("copy" in element.dataset) copyToClipboard(element);
  else if ("openDialog" in element.dataset) document.getElementById(element.dataset.openDialog).showModal();
  else if ("closeDialog" in element.dataset) element.closest("dialog").close();
  else focusTargetOfLink(event, element);
}

document.addEventListener("click", answerClick);
document.addEventListener("keydown", obeyShortcut);
document.addEventListener("keydown", stepThroughResults);
document.addEventListener("htmx:beforeRequest", clearMessages);
document.addEventListener("htmx:afterSettle", announceSearchResult);
document.addEventListener("htmx:sendError", showThatTheDeskIsUnreachable);
document.addEventListener("htmx:timeout", showThatTheDeskIsUnreachable);
if (form) watchUnsavedEdits();
rememberSingleKeys();
