/* Choices between two people's values: what is chosen also shows in the form's input at once. */

const choices = [...document.querySelectorAll("#customer-form .choice")].map((fieldset) => ({
  fieldset,
  side: "yours",
  yours: fieldset.querySelector("input[name$=-yours]"),
}));

// The row editors are swapped by htmx, so the input is looked for whenever it is needed. None: its row was removed.
function inputOf({ fieldset }) {
  const id = fieldset.dataset.control.replace(/-key$/, "-value").replace(/-provider$/, "-id");
  const input = document.getElementById(id);
  return input instanceof HTMLInputElement || input instanceof HTMLSelectElement ? input : null;
}

function showChosen(choice, radio) {
  const input = inputOf(choice);
  if (!input) return;
  if (choice.side === "yours" && choice.yours) choice.yours.value = input.value;
  choice.side = radio.value;
  const row = input.closest(".row");
  if (row) row.classList.toggle("is-overruled", radio.value !== "yours" && !("text" in radio.dataset));
  if (radio.value === "yours" && choice.yours) input.value = choice.yours.value;
  else if ("text" in radio.dataset) input.value = radio.dataset.text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  if (input instanceof HTMLSelectElement) input.dispatchEvent(new Event("change", { bubbles: true }));
}

function chooseYours(choice) {
  choice.side = "yours";
  choice.fieldset.querySelector("[value=yours]").checked = true;
}

for (const choice of choices) {
  choice.fieldset.addEventListener("change", (event) => showChosen(choice, event.target));
  const chosen = choice.fieldset.querySelector(":checked");
  if (chosen) showChosen(choice, chosen);
}

// Whoever goes on typing over a chosen value means that text: it is theirs no longer.
document.addEventListener("input", (event) => {
  const choice = choices.find((one) => event.isTrusted && inputOf(one) === event.target && one.side !== "yours");
  if (choice) chooseYours(choice);
});
