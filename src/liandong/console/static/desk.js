// Sliders say where they stand; a button copies what it stands beside.
import { short } from "./charts.js";

function said(input) {
  const { kind, now } = input.dataset;
  const percent = `${input.value}%`;
  if (kind !== "money") return percent;
  const money = short(Math.trunc((Number(now) * Number(input.value)) / 100));
  return `${percent} · ${money}${document.documentElement.lang.startsWith("zh") ? "元" : ""}`;
}

function tell(input) {
  const words = said(input);
  input.parentElement.querySelector("output").textContent = words;
  input.setAttribute("aria-valuetext", words);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(".dial input")) tell(target);
});

document.addEventListener("click", async ({ target }) => {
  if (target.matches("[data-reset]")) {
    const inputs = [...target.form.querySelectorAll("input[type=range]")];
    inputs.forEach((input) => { input.value = input.dataset.start; tell(input); });
    inputs[0].dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (target.matches("[data-copy]")) {
    await navigator.clipboard.writeText(document.getElementById(target.dataset.copy).textContent);
    target.textContent = target.dataset.done;
  }
});

function reveal() {
  document.querySelectorAll("[data-copy], [data-reset]").forEach((b) => { b.hidden = false; });
}

document.addEventListener("htmx:afterSettle", reveal);
reveal();
