/* Who opens the form by its key types on at once: into the box that they changed last time, at first into the email. */

const form = document.getElementById("customer-form");

const OPENED_BY_KEY = "desk.form-opened-by-key";
const CHANGED_LAST = "desk.changed-last";
const AT_FIRST = "email";
let changed = "";

function rememberChange(event) {
  if (event.target.matches("[data-label]")) changed = event.target.name;
}

function goToBox() {
  const box = form.elements[window.localStorage.getItem(CHANGED_LAST)] || form.elements[AT_FIRST];
  if (!box || form.querySelector("[autofocus]")) return;
  box.focus();
  if (box.select) box.select();
}

document.addEventListener("desk:shortcut", (event) => {
  if (event.detail === "edit") window.sessionStorage.setItem(OPENED_BY_KEY, "1");
});
if (form) {
  form.addEventListener("input", rememberChange);
  form.addEventListener("submit", () => { if (changed) window.localStorage.setItem(CHANGED_LAST, changed); });
  if (window.sessionStorage.getItem(OPENED_BY_KEY)) goToBox();
  window.sessionStorage.removeItem(OPENED_BY_KEY);
}
