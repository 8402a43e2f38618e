// Where the server does not know its own address, the page does.

function subscribing(page) {
  if (location.protocol === "file:") return;
  const [calendar, webcal, google] = ["calendar", "webcal", "google"].map((name) => page.querySelector(`[data-${name}]`));
  if (!calendar || !webcal.hidden) return;
  webcal.href = new URL(calendar.getAttribute("href"), location.href).href.replace(/^https?:/, "webcal:");
  webcal.hidden = false;
  // Google's machines cannot reach one in a local network.
  if (/^(localhost|127\.|10\.|192\.168\.|\[)|\.local$/.test(location.hostname)) return;
  google.href = "https://calendar.google.com/calendar/r?cid=" + encodeURIComponent(webcal.href);
  google.hidden = false;
}
