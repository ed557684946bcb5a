/* Says things to those who cannot see them change; shows when the desk cannot be reached. The other files use it.

   Errors are shown in #messages, which speaks by itself and stays in sight; everything else that changes is said here. */

const announcer = document.getElementById("announcer");
const messages = document.getElementById("messages");
let waiting = 0;

function announce(text) {
  // Emptied first, and filled a little later: the same text twice is said twice, several at once are said as the last.
  window.clearTimeout(waiting);
  announcer.textContent = "";
  waiting = window.setTimeout(() => { announcer.textContent = text; }, 50);
}

function showThatTheDeskIsUnreachable() {
  messages.replaceChildren(document.getElementById("unreachable").content.cloneNode(true));
}

function clearMessages() {
  messages.replaceChildren();
}

globalThis.desk = { announce };

document.addEventListener("htmx:beforeRequest", clearMessages);
document.addEventListener("htmx:sendError", showThatTheDeskIsUnreachable);
document.addEventListener("htmx:timeout", showThatTheDeskIsUnreachable);
