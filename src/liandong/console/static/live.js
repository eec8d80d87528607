// Has the alert wall look again whenever something changed; by the clock where nobody can tell.
const POLL = 15_000; // milliseconds, as PAUSE
const PAUSE = 300;

export function follow() {
  const events = document.querySelector("#wall")?.dataset.events;
  if (!events) return;
  let due = 0;
  let clock = 0;
  const look = () => {
    due ||= setTimeout(() => {
      due = 0;
      window.htmx.trigger("#wall", "look");
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
  const source = new EventSource(events);
  source.addEventListener("alerts", look);
  source.addEventListener("open", rest);
  source.addEventListener("error", poll);
}
