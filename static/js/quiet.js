/* Requests that nobody pressed a button for, of elements within data-quiet: where one fails nothing is said or shown, and
   an ended sign-in does not lead away from what was typed. The form's own requests go on to say what is wrong. */

const form = document.getElementById("customer-form");

function isQuiet(event) {
  return Boolean(event.target.closest("[data-quiet]"));
}

// Events come by here on their way up to announce.js.
function keepFromAnnouncing(event) {
  if (isQuiet(event)) event.stopPropagation();
}

function dropFailures(event) {
  if (isQuiet(event) && event.detail.xhr.status !== 200) event.preventDefault();
}

// One that a later one takes the place of, or that the page's leaving ends, is no fault, which htmx would log.
function endInSilence(event) {
  if (isQuiet(event)) event.detail.xhr.onabort = null;
}

if (form) {
  form.addEventListener("htmx:beforeSend", endInSilence);
  for (const name of ["beforeRequest", "sendError", "timeout"]) form.addEventListener(`htmx:${name}`, keepFromAnnouncing);
  form.addEventListener("htmx:beforeOnLoad", dropFailures);
}
