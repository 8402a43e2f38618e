// Messages of the day that their reader has put away: by their words, so that a changed one is shown.

function awayMessages() {
  try { return JSON.parse(kept.read("away")); } catch { return []; }
}

const wordsOfMessage = (message) => message.querySelector("p").textContent;

function messages(page) {
  const away = awayMessages();
  const told = all("div.message", page);
  for (const message of told) {
    const button = message.querySelector("[data-away]");
    button.hidden = false;
    put(button, "×");
    button.setAttribute("aria-label", "Put away: " + wordsOfMessage(message));
    message.hidden = away.includes(wordsOfMessage(message));
  }
  const hidden = told.filter((message) => message.hidden).length;
  for (const back of all("[data-back]", page)) {
    back.hidden = !hidden;
    put(back, hidden === 1 ? "1 message put away" : `${hidden} messages put away`);
  }
}

document.addEventListener("click", ({ target }) => {
  if (!target.matches("[data-away], [data-back]")) return;
  const message = target.closest(".message");
  // What stands there no longer need not be remembered.
  const here = all("div.message").map(wordsOfMessage);
  const away = message ? awayMessages().filter((words) => here.includes(words)).concat(wordsOfMessage(message)) : [];
  kept.write("away", JSON.stringify(away));
  holding(() => messages(document));
  (message ? at("_main") : document.querySelector("[data-away]"))?.focus({ preventScroll: true });
});
