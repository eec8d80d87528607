// A page that is slow to come, or left before it is seen, is shown without a transition. The browser
// then rejects a promise that no event gives out, and would call that a fault; this listens early.
window.addEventListener("unhandledrejection", (event) => {
  if (/^Transition was (skipped|aborted)/.test(event.reason?.message)) event.preventDefault();
});
