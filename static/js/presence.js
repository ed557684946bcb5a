/* Who else has the record open, and whether one is still signed in: asked for again while the page is seen. What is
   said comes with the markup. */

const { announce } = globalThis.desk;

const EVERY_MILLISECONDS = 20_000;

function textOf(element) {
  return element.textContent.trim().replace(/\s+/g, " ");
}

/* Instead of leading away from what is typed, as htmx would. */
function signInEnded() {
  const told = document.createElement("div");
  told.append(document.getElementById("sign-in-ended").content.cloneNode(true));
  return told;
}

async function fetchPresence(url) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (answer.headers.has("HX-Redirect")) return signInEnded();
    if (answer.status !== 200) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("presence");
  } catch {
    return null; // not worth a word: it is asked for again
  }
}

async function renewPresence() {
  if (document.hidden) return;
  const found = await fetchPresence(document.getElementById("presence").dataset.presenceUrl);
  const shown = document.getElementById("presence");
  if (!found || !shown || textOf(found) === textOf(shown) || shown.contains(document.activeElement)) return;
  shown.replaceChildren(...found.childNodes);
  if (textOf(shown)) announce(textOf(shown));
}

if (document.getElementById("presence")) {
  window.setInterval(renewPresence, EVERY_MILLISECONDS);
  document.addEventListener("visibilitychange", renewPresence);
}
