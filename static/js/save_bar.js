/* The save bar: names what is unsaved, and asks before it is left. */

const form = document.getElementById("customer-form");

const MOST_NAMED = 6;

function valueOf(control) {
  return control.type === "checkbox" ? String(control.checked) : control.value;
}

// As the page came: a fragment that was swapped in since has what was typed for its default.
function openedValueOf(control) {
  if (control.type === "checkbox") return String(control.defaultChecked);
  if (!(control instanceof HTMLSelectElement)) return control.defaultValue;
  return ([...control.options].find((option) => option.defaultSelected) || control.options[0]).value;
}

function labelledControls() {
  return [...form.querySelectorAll("[data-label]")];
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
  const openedRows = new Map(rowEditors().map((editor) => [editor.id, serialiseRows(editor)]));
  const opened = new Map(labelledControls().map((control) => [control.id, openedValueOf(control)]));
  const notSavedYet = "notSavedYet" in form.dataset;
  let submitting = false;

  function isChanged(control) {
    return valueOf(control) !== (opened.get(control.id) ?? openedValueOf(control));
  }

  function unsavedLabels() {
    const editors = rowEditors().filter((editor) => serialiseRows(editor) !== openedRows.get(editor.id));
    return [
      ...labelledControls().filter(isChanged).map((control) => control.dataset.label),
      ...editors.map((editor) => editor.dataset.rowsLabel),
    ];
  }

  function markChangedFields() {
    for (const control of labelledControls()) {
      control.closest(".field").classList.toggle("is-changed", isChanged(control));
    }
  }

  function askForConfirmationOfExternalId() {
    const tick = document.getElementById("confirm_external_id-field");
    if (!tick) return;
    const externalId = document.getElementById("external_id").value.trim();
    const unchanged = externalId === tick.closest("[data-external-id]").dataset.externalId;
    tick.hidden = unchanged && !tick.classList.contains("has-error");
  }

  function stateInWords(labels) {
    if (notSavedYet) return state.dataset.notSaved;
    if (!labels.length) return state.dataset.saved;
    const named = labels.slice(0, MOST_NAMED).join(", ");
    const others = labels.length - MOST_NAMED;
    const words = others > 0 ? state.dataset.unsavedMany : state.dataset.unsaved;
    return words.replace("{labels}", named).replace("{count}", others);
  }

  function nameWhatIsUnsaved() {
    const labels = unsavedLabels();
    const text = stateInWords(labels);
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

if (form) watchUnsavedEdits();
