// Keys: / for the search or the filter, ? for help, g and a letter or digit for a room.
const PATIENCE = 1500; // milliseconds for the second key
const TYPING = "input, select, textarea, [contenteditable]";

function search() {
  const field = document.querySelector("main input[type=search]") ?? document.querySelector(".filters :is(select, input:not([type=hidden]))");
  field?.focus();
  field?.select?.();
}

export function keys() {
  const help = document.querySelector("#keys");
  let going = 0;
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
    button.hidden = false;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING) || help.open) return;
    const place = Date.now() < going && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    going = event.key === "g" ? Date.now() + PATIENCE : 0;
    if (place) place.click();
    else if (event.key === "/") search();
    else if (event.key === "?") help.showModal();
    else return;
    event.preventDefault();
  });
}
