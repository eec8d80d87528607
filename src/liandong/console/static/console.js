// Small helps; every page works without them.
import { draw } from "./charts.js";
import { follow } from "./live.js";
import { savers, sliders } from "./trail.js";

document.documentElement.classList.add("scripted");

// Choosing in a filter applies it; empty fields stay out of the address.
document.addEventListener("change", (event) => {
  if (event.target.matches("select")) {
    event.target.closest("form[data-submits]")?.requestSubmit();
  }
});
document.addEventListener("submit", (event) => {
  for (const field of event.target.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form :disabled")) field.disabled = false;
});

draw();
follow();
savers();
sliders();
