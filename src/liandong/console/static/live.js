// Has what is shown look again whenever something changed; by the clock where nobody can tell.
const POLL = 15_000; // milliseconds, as PAUSE
const PAUSE = 300;

// A job that goes on: only its bar and words change.
function went({ data }) {
  const job = JSON.parse(data);
  const row = document.querySelector(`[data-job="${job.job_id}"]`);
  const bar = row?.querySelector("progress");
  if (!bar) return;
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  } else {
    bar.removeAttribute("value");
  }
  row.querySelector(".counted").textContent = job.total ? `${job.done} / ${job.total}` : "";
  row.querySelector(".said").textContent = job.said ?? "";
}

export function follow() {
  const shown = document.querySelector("[data-events]");
  if (!shown) return;
  const { id } = shown;
  let due = 0;
  let clock = 0;
  const look = () => {
    due ||= setTimeout(() => {
      due = 0;
      window.htmx.trigger(`#${id}`, "look");
    }, PAUSE);
  };
  const poll = () => {
    clock ||= setInterval(look, POLL);
  };
  const rest = () => {
    clearInterval(clock);
    clock = 0;
  };
  if (!window.EventSource) {
    poll();
    return;
  }
  const source = new EventSource(shown.dataset.events);
  for (const name of ["alerts", "state"]) source.addEventListener(name, look);
  source.addEventListener("progress", (event) => {
    went(event);
  });
  source.addEventListener("open", rest);
  source.addEventListener("error", poll);
}
