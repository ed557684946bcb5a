/* Says things to those who cannot see them change; shows when the desk cannot be reached. The other files use it. */

const announcer = document.getElementById("announcer");

function announce(text) {
  announcer.textContent = "";
  window.setTimeout(() => { announcer.textContent = text; }, 50);
}

function showThatTheDeskIsUnreachable() {
  const message = document.getElementById("unreachable").content.cloneNode(true);
  document.getElementById("messages").replaceChildren(message);
}

function clearMessages() {
  document.getElementById("messages").replaceChildren();
}

globalThis.desk = { announce };

document.addEventListener("htmx:beforeRequest", clearMessages);
document.addEventListener("htmx:sendError", showThatTheDeskIsUnreachable);
document.addEventListener("htmx:timeout", showThatTheDeskIsUnreachable);
