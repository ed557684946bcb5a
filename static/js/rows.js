/* The form's rows: Enter goes on to the next box, and to a new row behind the last; what has several lines, or is an
   object, is pasted as several entries. */

const { announce } = globalThis.desk;
const form = document.getElementById("customer-form");

function controlsOf(row) {
  return [...row.querySelectorAll("input:not([type=hidden]), select")];
}

function rowsOf(editor) {
  return [...editor.querySelectorAll(".row:not(.row-head, .row-removed)")];
}

function nextIndex(editor) {
  const names = [...editor.querySelectorAll("input[name], select[name]")].map((control) => control.name);
  const used = names.map((name) => Number(/-(\d+)-/.exec(name)?.[1] ?? -1));
  return Math.max(-1, ...used) + 1;
}

// A row that a server brought would come too late for somebody who types on.
function addRow(editor) {
  const template = editor.querySelector("[data-row-template]");
  const number = rowsOf(editor).length + 1;
  const holder = document.createElement("template");
  holder.innerHTML = template.innerHTML.replaceAll("INDEX", nextIndex(editor)).replaceAll("NUMBER", number);
  const row = holder.content.querySelector(".row");
  editor.querySelector(".rows-foot").before(row);
  globalThis.htmx.process(row);
  return row;
}

function goOnFrom(control) {
  const row = control.closest(".row");
  const editor = row.closest("[data-rows-label]");
  const controls = controlsOf(row);
  const beside = controls[controls.indexOf(control) + 1];
  if (beside) return beside.focus();
  const rows = rowsOf(editor);
  const below = rows[rows.indexOf(row) + 1];
  if (below) return controlsOf(below)[0].focus();
  if (controls.every((each) => !each.value.trim())) return undefined;
  return controlsOf(addRow(editor))[0].focus();
}

function obeyEnter(event) {
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (event.key !== "Enter" || modified || event.isComposing) return;
  if (!event.target.matches(".row input:not([type=hidden])")) return;
  event.preventDefault();
  goOnFrom(event.target);
}

// A value of one line is pasted as it is behind its key, even where it is an object.
function isMeantAsValue(box, text) {
  const [key, value] = controlsOf(box.closest(".row"));
  return box === value && key.value.trim() !== "" && !/[\r\n]/.test(text.trim());
}

function pasteSeveral(event) {
  if (!event.target.matches("#metadata-editor .row input")) return;
  const text = event.clipboardData.getData("text/plain");
  if (isMeantAsValue(event.target, text)) return;
  if (!/[\r\n]/.test(text.trim()) && !text.trim().startsWith("{")) return;
  event.preventDefault();
  const box = document.getElementById("metadata_pasted");
  box.closest("details").open = true;
  box.value = box.value ? `${box.value}\n${text}` : text;
  document.getElementById("metadata-paste").click();
}

function sayWhatHappened(event) {
  const swapped = event.detail.target.id && document.getElementById(event.detail.target.id);
  if (swapped?.dataset.said) announce(swapped.dataset.said);
}

// Where only labels change, what was typed while the answer was on its way stays.
function keepTyped(event) {
  if (!event.detail.target.matches("[data-keeps-typed]")) return;
  const typed = new Map();
  for (const control of event.detail.target.querySelectorAll("[data-label]")) typed.set(control.id, control.value);
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, value] of typed) document.getElementById(id).value = value;
  }, { once: true });
}

if (form) {
  form.addEventListener("keydown", obeyEnter);
  form.addEventListener("paste", pasteSeveral);
  document.addEventListener("htmx:beforeSwap", keepTyped);
  document.addEventListener("htmx:afterSettle", sayWhatHappened);
}
