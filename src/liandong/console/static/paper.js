// The button that prints, for those whose browser runs scripts.
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => globalThis.print());
  button.hidden = false;
}
