// A file that is dropped on the form is sent as if it had been chosen.
const form = document.querySelector("[data-drop]");
const field = form.elements.file;
const status = form.querySelector("[role=status]");

function send() {
  if (field.files[0]?.size > 1e6 * form.dataset.most) {
    status.textContent = status.dataset.large;
    return;
  }
  status.textContent = status.dataset.busy;
  form.requestSubmit();
}

for (const name of ["dragenter", "dragover"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
}
form.addEventListener("dragleave", () => form.classList.remove("over"));
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  if (!event.dataTransfer.files.length) return;
  field.files = event.dataTransfer.files;
  send();
});
