/* Menus, which are <details>: Esc and a click elsewhere close them, and so does leaving them by Tab. */

function closeMenu(menu) {
  const heldFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (heldFocus) menu.querySelector("summary").focus();
}

function openMenus() {
  return [...document.querySelectorAll("details.menu[open]")];
}

document.addEventListener("keydown", (event) => {
  const [menu] = openMenus();
  if (event.key !== "Escape" || !menu || event.isComposing) return;
  event.preventDefault();
  closeMenu(menu);
});
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
