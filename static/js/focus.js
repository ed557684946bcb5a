/* Where the focus goes: from a line of the error summary to its field. */

function focusTargetOfLink(event, link) {
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "center" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[role=alert] a[href^='#']");
  if (link) focusTargetOfLink(event, link);
});
