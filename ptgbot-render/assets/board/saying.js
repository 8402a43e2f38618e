// The beginning of what a track's people say, to copy.

function saying(page) {
  for (const place of all(".card .links, .one .actions, .tracks .row", page)) {
    const track = place.closest("[data-key]")?.dataset.key ?? place.closest("li").id;
    const button = page.createElement("button");
    button.className = "say";
    button.type = "button";
    button.value = `#${track} now `;
    button.textContent = `Copy #${track} now`;
    place.append(" ", button);
  }
}

document.addEventListener("click", ({ target }) => { if (target.matches(".say")) copy(target); });
