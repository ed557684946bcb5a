/* Copy buttons. Their words are in their data attributes. */

const { announce } = globalThis.desk;

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
    announce(button.dataset.notCopied);
    return;
  }
  button.focus();
  button.classList.add("is-copied");
  announce(button.dataset.copied);
  window.setTimeout(() => button.classList.remove("is-copied"), 1600);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copyToClipboard(button);
});
