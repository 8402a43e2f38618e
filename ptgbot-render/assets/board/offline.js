// A hall without a network: where the browser lets it, a service worker keeps the last board. Only secure pages may have
// one; all others are as they were. A rehearsal is not kept: nobody is to find it again where the event is looked for.

function keepOffline() {
  if (root.dataset.speed) return;
  const worker = new URL(`${root.dataset.root ?? ""}sw.js`, location.href);
  navigator.serviceWorker?.register(worker).catch(() => { /* Then without. */ });
}
