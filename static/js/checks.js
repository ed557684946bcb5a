/* Checks of fields as one leaves them: ties the messages that come to their control, and says them. One that fails is
   silent: its field is data-quiet. */

const { announce } = globalThis.desk;

function tieToControl(messages) {
  const id = messages.id.slice(0, -"-messages".length);
  const control = document.getElementById(id);
  if (!control) return;
  const parts = ["hint", "error", "note"].map((part) => `${id}-${part}`);
  const described = parts.filter((part) => document.getElementById(part)).join(" ");
  const isWrong = Boolean(document.getElementById(`${id}-error`));
  if (isWrong) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  if (described) control.setAttribute("aria-describedby", described);
  else control.removeAttribute("aria-describedby");
  control.closest("[data-check]").classList.toggle("has-error", isWrong);
}

function showVerdict(event) {
  if (!event.detail.target.id.endsWith("-messages")) return;
  const messages = document.getElementById(event.detail.target.id);
  if (!messages) return;
  tieToControl(messages);
  const text = messages.textContent.trim().replace(/\s+/g, " ");
  if (text) announce(text);
}

if (document.getElementById("customer-form")) document.addEventListener("htmx:afterSettle", showVerdict);
