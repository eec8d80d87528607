// Small helps; every page works without them.
import { draw } from "./charts.js";
import { keys } from "./keys.js";
import { follow } from "./live.js";
import { savers, sliders } from "./pictures.js";

document.documentElement.classList.add("scripted");

// Choosing in a filter applies it; empty fields stay out of the address.
document.addEventListener("change", (event) => {
  if (event.target.matches("select")) {
    event.target.closest("form[data-submits]")?.requestSubmit();
  }
});
document.addEventListener("submit", (event) => {
  for (const field of event.target.elements) {
    if (field.name && field.value === "" && field.type !== "submit") field.disabled = true;
  }
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form :disabled:not(button)")) field.disabled = false;
});

// Back to a form is back to what was written in it.
document.querySelector("[data-back]")?.addEventListener("click", (event) => {
  if (history.length < 2) return;
  event.preventDefault();
  history.back();
});

// What is on its way says so; what comes in its place does not.
for (const [event, busy] of [["htmx:beforeRequest", "true"], ["htmx:afterRequest", "false"]]) {
  document.addEventListener(event, ({ detail }) => detail.target?.setAttribute("aria-busy", busy));
}

draw();
follow();
keys();
savers();
sliders();
