// Lines to copy, for the track that the reader chose.

function booking(page) {
  const select = page.getElementById("_book");
  if (!select) return;
  const tracks = all(".chips a, .tracks > li", page).map((one) => "#" + (one.id || one.textContent.slice(1)));
  const names = [...new Set(tracks)].sort();
  const track = names.includes(kept.read("book")) ? kept.read("book") : "";
  const options = [new Option("your track", ""), ...names.map((name) => new Option(name))];
  if (options.map(({ text }) => text).join() !== [...select.options].map(({ text }) => text).join()) select.replaceChildren(...options);
  select.value = track;
  select.parentNode.hidden = false;
  for (const code of all("td .book:not(button)", page)) {
    const button = page.createElement("button");
    button.className = "book";
    button.value = code.textContent;
    // What the line does for the slot, in a word before it: it is free, or others share it.
    const word = code.previousElementSibling;
    put(button, word.textContent);
    word.remove();
    code.replaceWith(button);
  }
  for (const button of all("td .book", page)) {
    const line = button.value.replace(/^#\S+/, track || "#track");
    for (const [name, value] of Object.entries({ value: line, title: line, "aria-label": `${button.dataset.label ?? button.textContent}: copy ${line}` })) button.setAttribute(name, value);
  }
}

async function copy(button) {
  const line = button.value || button.previousElementSibling.textContent;
  const label = button.dataset.label ??= button.textContent;
  try {
    await navigator.clipboard.writeText(line);
  } catch {
    // Only secure pages have a clipboard; the older way works on others.
    const field = document.createElement("textarea");
    field.value = line;
    button.after(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    button.focus();
    if (!done) return;
  }
  put(button, "Copied");
  say("Copied " + line);
  setTimeout(put, 2000, button, label);
}
