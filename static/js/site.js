// What makes reading more comfortable. Without this file everything can be read and reached.

/* Light or dark: as the system has it, unless the reader has chosen. The choice stays in this browser. */

const SCHEMES = ["light", "dark"];

function chosenScheme() {
  try {
    const kept = localStorage.getItem("scheme");
    return SCHEMES.includes(kept) ? kept : "";
  } catch {
    return ""; // storage is forbidden
  }
}

function keepScheme(scheme) {
  try {
    localStorage.setItem("scheme", scheme);
  } catch {
    // It lasts for this page.
  }
}

function showScheme(scheme) {
  if (scheme) document.documentElement.dataset.scheme = scheme;
  else delete document.documentElement.dataset.scheme;
  for (const colour of document.querySelectorAll("meta[data-scheme]")) {
    const own = colour.dataset.scheme;
    colour.media = scheme ? (own === scheme ? "all" : "not all") : `(prefers-color-scheme: ${own})`;
  }
}

function offerSchemes(box) {
  const show = () => {
    const scheme = chosenScheme();
    showScheme(scheme);
    for (const choice of box.querySelectorAll("input")) choice.checked = choice.value === scheme;
  };
  show();
  box.hidden = false;
  box.addEventListener("change", (event) => {
    keepScheme(event.target.value);
    showScheme(event.target.value);
  });
  // Back to a page that was left in another colour, and other windows.
  addEventListener("pageshow", (event) => { if (event.persisted) show(); });
  addEventListener("storage", show);
}

const wide = matchMedia("(min-width: 70rem)");

/* Contents: unfolded where they stand beside the text, and marked where the reader is. */

function followContents(box) {
  const unfold = () => { if (wide.matches) box.open = true; };
  unfold();
  wide.addEventListener("change", unfold);
  const links = new Map();
  for (const link of box.querySelectorAll("a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  const headings = [...links.keys()];
  let marked = null;
  const mark = () => {
    // The last heading that has passed the upper third of the window.
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
    const link = links.get(passed.at(-1)) ?? null;
    if (link === marked) return;
    marked?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "location");
    marked = link;
    if (!wide.matches) return;
    if (link) keepInView(box, link);
    else box.scrollTop = 0;
  };
  // All above counts as seen, so that a jump over several headings is noticed too.
  const observer = new IntersectionObserver(mark, { rootMargin: "1000000px 0px -66% 0px" });
  headings.forEach((heading) => observer.observe(heading));
}

/* Scrolls the box alone: scrollIntoView() would move the page too. */
function keepInView(box, link) {
  const outer = box.getBoundingClientRect(), inner = link.getBoundingClientRect();
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    box.scrollTop += inner.top - outer.top - outer.height / 2;
  }
}

/* Notes: opened beside their mark instead of at the foot. Escape, a click elsewhere and the button close them. */

function openNotesInPlace(article) {
  if (!("popover" in HTMLElement.prototype)) return;
  const box = document.createElement("div");
  box.className = "note-box";
  box.popover = "auto";
  box.tabIndex = -1;
  box.setAttribute("role", "dialog");
  article.append(box);
  let mark = null;

  const close = document.createElement("button");
  close.type = "button";
  close.className = "note-close";
  close.textContent = "閉じる";
  close.addEventListener("click", () => box.hidePopover());

  const open = (link, note) => {
    const text = note.cloneNode(true);
    text.querySelectorAll(".footnote-backref").forEach((back) => back.remove());
    text.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
    box.replaceChildren(...text.childNodes, close);
    box.setAttribute("aria-label", link.getAttribute("aria-label") ?? "注");
    box.showPopover({ source: link }); // the Tab key goes on from the mark, not from the end of the article
    const at = link.getBoundingClientRect();
    const left = Math.min(at.left + scrollX, scrollX + document.documentElement.clientWidth - box.offsetWidth - 16);
    const below = at.bottom + box.offsetHeight + 16 < innerHeight || at.top < box.offsetHeight + 16;
    box.style.left = `${Math.max(left, 16)}px`;
    box.style.top = `${scrollY + (below ? at.bottom + 6 : at.top - box.offsetHeight - 6)}px`;
    mark = link;
    mark.setAttribute("aria-expanded", "true");
    box.focus({ preventScroll: true });
  };

  box.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    mark?.setAttribute("aria-expanded", "false");
    // A click elsewhere has put the focus where the reader wants it.
    if (document.activeElement === document.body || box.contains(document.activeElement)) {
      mark?.focus({ preventScroll: true });
    }
  });

  for (const link of article.querySelectorAll(".footnote-ref a")) {
    const note = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!note) continue;
    link.setAttribute("aria-haspopup", "dialog");
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open(link, note);
    });
  }
}

/* Sharing: by the device where it can, else by the links that stand there. */

function offerSharing(box) {
  const said = box.querySelector("[data-share-said]");
  const url = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
  const [native, copy] = [box.querySelector("[data-share]"), box.querySelector("[data-copy]")];
  if (navigator.share) {
    native.hidden = false;
    box.querySelectorAll("[data-share-link]").forEach((item) => { item.hidden = true; });
    native.querySelector("button").addEventListener("click", () => {
      // Turning back is no error.
      navigator.share({ title: document.title, url }).catch(() => {});
    });
  }
  if (navigator.clipboard) {
    copy.hidden = false;
    const button = copy.querySelector("button");
    const label = button.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(url);
        button.textContent = "コピーしました";
      } catch {
        button.textContent = "コピーできませんでした";
      }
      said.textContent = button.textContent;
      setTimeout(() => { button.textContent = label; said.textContent = ""; }, 3000);
    });
  }
}

showScheme(chosenScheme());

function begin() {
  document.querySelectorAll(".scheme").forEach(offerSchemes);
  document.querySelectorAll("[data-toc]").forEach(followContents);
  document.querySelectorAll(".post").forEach(openNotesInPlace);
  document.querySelectorAll(".share").forEach(offerSharing);
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
else begin();
