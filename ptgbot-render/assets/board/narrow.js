// A link to another part of the board shows it here, and leaves what is read in its place.

// Of the address, what chooses tracks and rooms.
const chosenPart = () => location.search.replace(/[?&]q=[^&]*/, "");
let shownPart = chosenPart();

function reshow() {
  shownPart = chosenPart();
  seen = {};
  refresh();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#_filter a, #_filtered a");
  if (!link || !follows || pausedSince || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", withSought(link.href));
  reshow();
});

addEventListener("popstate", () => {
  const box = at("_search");
  if (box) {
    box.value = new URLSearchParams(location.search).get("q") ?? "";
    sought = box.value;
    search(document);
  }
  if (chosenPart() !== shownPart) reshow();
});
