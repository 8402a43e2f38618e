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
  for (const code of all("code.book", page)) {
    put(code, code.textContent.replace(/^#\S+/, track || "#track"));
    if (!code.nextElementSibling) code.after(" ", page.createElement("button"));
    const button = code.nextElementSibling;
    button.type = "button";
    button.textContent ||= "Copy";
    button.setAttribute("aria-label", "Copy " + code.textContent);
  }
}

async function copy(button) {
  const code = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // Only secure pages have a clipboard; the older way works on others.
    getSelection().selectAllChildren(code);
    if (!document.execCommand("copy")) return;
  }
  put(button, "Copied");
  say("Copied " + code.textContent);
  setTimeout(put, 2000, button, "Copy");
}
