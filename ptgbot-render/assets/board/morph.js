// Making a page like a newer one, so that its reader notices nothing but the news.

const key = (node) => node.id || node.dataset?.key || "";

// Makes `old` like `fresh` and touches only what differs: focus, a selected text and opened parts stay as they are.
function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  // What is open is the reader's.
  const ours = (name) => name !== "open" || old.localName !== "details";
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && ours(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && ours(name)) old.setAttribute(name, value);

  const { partners, left } = pair([...old.childNodes], [...fresh.childNodes]);
  left.forEach((child) => child.remove());
  let here = old.firstChild;
  for (const child of fresh.childNodes) {
    const same = partners.get(child);
    if (!same) {
      old.insertBefore(document.importNode(child, true), here);
    } else {
      if (same === here) here = here.nextSibling;
      else old.insertBefore(same, here);
      morph(same, child);
    }
  }
}

// Finds for the children of a newer page those that they were before: what has a key by its key, what is just the same,
// and then in their order what is at least of the same kind.
function pair(old, fresh) {
  const [partners, left] = [new Map(), new Set(old)];
  const match = (fits) => {
    for (const child of fresh) {
      if (partners.has(child)) continue;
      for (const one of left) {
        if (one.nodeName !== child.nodeName || key(one) !== key(child) || !fits(one, child)) continue;
        partners.set(child, one);
        left.delete(one);
        break;
      }
    }
  };
  match((one) => key(one));
  match((one, child) => one.nodeType === Node.ELEMENT_NODE && one.isEqualNode(child));
  match(() => true);
  return { partners, left };
}

// Changes the page and leaves the reader where they are: what they look at stays where it is on the screen, whatever
// comes or goes above it, and focus and selection stay on their words. Moving a node would take them away.
function holding(change) {
  const [focus, picked, seen] = [document.activeElement, getSelection(), scrollY > 0 ? landmarks() : []];
  const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } = picked;
  change();
  if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
  const stays = seen.find(({ part }) => part.isConnected && part.getClientRects().length);
  if (stays) scrollBy({ top: stays.part.getBoundingClientRect().top - stays.top, behavior: "instant" });
  if (isCollapsed || !anchorNode.isConnected || !focusNode.isConnected) return;
  if (picked.anchorNode === anchorNode && picked.focusNode === focusNode && !picked.isCollapsed) return;
  try { picked.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset); } catch { /* The words are gone. */ }
}

// What begins on the screen, from the top on, but for the bar that is always there; where nothing does, what the screen is
// filled with.
function landmarks() {
  const parts = all("main :is([id], [data-key], h2, h3, tr, li, p, dt):not(.bar *)").map((part) => ({ part, ...rect(part) }));
  const begin = parts.filter(({ top, bottom }) => bottom > top && top >= 0 && top < innerHeight);
  return begin.length ? begin : parts.filter(({ top, bottom }) => top < 0 && bottom > 0).reverse();
}

function rect(part) {
  const { top, bottom } = part.getBoundingClientRect();
  return { top, bottom };
}
