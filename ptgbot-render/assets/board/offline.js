// A hall without a network: where the browser lets it, a service worker keeps the last board. Only secure pages may have
// one; all others are as they were.

function keepOffline() {
  const worker = new URL(`${root.dataset.root ?? ""}sw.js`, location.href);
  navigator.serviceWorker?.register(worker).catch(() => { /* Then without. */ });
}
