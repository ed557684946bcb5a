/* Who opens the form by its key types on at once: into the box that they changed last time, at first into the email; of
   a new customer into the first box. */

const form = document.getElementById("customer-form");

const OPENED_BY_KEY = "desk.form-opened-by-key";
const CHANGED_LAST = "desk.changed-last";
const AT_FIRST = "email";
const OF_NEW = "external_id";
let changed = "";

function rememberChange(event) {
  if (event.target.matches("[data-label]")) changed = event.target.name;
}

function goToBox(openedBy) {
  const wanted = openedBy === "new" ? OF_NEW : window.localStorage.getItem(CHANGED_LAST);
  const box = form.elements[wanted] || form.elements[AT_FIRST];
  if (!box || form.querySelector("[autofocus]")) return;
  box.focus();
  if (box.select) box.select();
}

document.addEventListener("desk:shortcut", (event) => {
  if (["edit", "new"].includes(event.detail)) window.sessionStorage.setItem(OPENED_BY_KEY, event.detail);
});
if (form) {
  form.addEventListener("input", rememberChange);
  form.addEventListener("submit", () => { if (changed) window.localStorage.setItem(CHANGED_LAST, changed); });
  const openedBy = window.sessionStorage.getItem(OPENED_BY_KEY);
  if (openedBy) goToBox(openedBy);
  window.sessionStorage.removeItem(OPENED_BY_KEY);
}
