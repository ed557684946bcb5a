/* The save bar: names what is unsaved, and asks before it is left. */

const form = document.getElementById("customer-form");

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

if (form) watchUnsavedEdits();
