/* When a single key is a shortcut: never while somebody types, and not for those who switched them off (WCAG 2.1.4). */

const SINGLE_KEYS_OFF = "desk.single-keys-off";
const TYPED_INTO = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea,"
  + " [contenteditable], [role=combobox], [role=listbox], [role=textbox]";

function areSwitchedOff() {
  return Boolean(window.localStorage.getItem(SINGLE_KEYS_OFF));
}

function switchSingleKeys(on) {
  if (on) window.localStorage.removeItem(SINGLE_KEYS_OFF);
  else window.localStorage.setItem(SINGLE_KEYS_OFF, "1");
}

// AltGr is Control and Alt on some systems; it types characters such as "?" and "/" on some keyboards.
function isCombined(event) {
  const typesCharacter = event.getModifierState("AltGraph");
  return event.metaKey || (!typesCharacter && (event.ctrlKey || event.altKey));
}

/* Whether any key may be a shortcut now: not while a character is composed, held down, or a dialog is open. */
function mayUseKeys(event) {
  return !event.defaultPrevented && !event.isComposing && !event.repeat && !document.querySelector("dialog[open]");
}

/* Whether a key without Control may be one. */
function mayUseSingleKeys(event) {
  const isTyping = event.target instanceof Element && event.target.closest(TYPED_INTO);
  return mayUseKeys(event) && !isTyping && !isCombined(event) && !areSwitchedOff();
}

function rememberSingleKeys() {
  const tick = document.getElementById("single-keys");
  if (!tick) return;
  tick.checked = !areSwitchedOff();
  tick.addEventListener("change", () => switchSingleKeys(tick.checked));
}

Object.assign(globalThis.desk, { mayUseKeys, mayUseSingleKeys });
rememberSingleKeys();
