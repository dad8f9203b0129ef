"use strict";
// The page as readers will see it, beside the form. The server renders; this asks and shows.
(() => {
  const panel = document.querySelector(".editor-preview");
  const form = panel?.closest("form");
  const toggle = form?.querySelector("[data-plain-preview]");
  if (!toggle) return; // somebody who may only read

  const PAUSE = 500;
  const DESKTOP = 1180;
  const PHONE = 390;
  const WIDE = window.matchMedia("(min-width: 1100px)");
  const services = form.querySelector("[data-services]").dataset;
  const frame = panel.querySelector("iframe");
  const status = panel.querySelector("[data-preview-status]");
  let timer, running, composing = false, stale = true, width = PHONE;

  function schedule() {
    stale = true;
    clearTimeout(timer);
    if (!composing && !panel.hidden) timer = setTimeout(update, PAUSE);
  }

  async function update() {
    running?.abort();
    const mine = (running = new AbortController());
    stale = false;
    try {
      const response = await fetch(services.preview, {
        method: "POST", body: new FormData(form), signal: mine.signal,
      });
      const isPage = response.headers.get("Content-Type").startsWith("text/html");
      const text = await response.text();
      if (mine !== running) return;
      if (response.ok && isPage) show(text);
      else say(isPage ? "プレビューを作れませんでした。続けて書くと、もう一度試します。" : JSON.parse(text).error);
    } catch (error) {
      if (error.name !== "AbortError") say("プレビューを取りに行けません。通信を確かめてください。");
    }
  }

  /** The first page is loaded; later ones only change its body, which keeps the reading position. */
  function show(html) {
    say("");
    const shown = frame.contentDocument;
    if (!frame.srcdoc) {
      frame.srcdoc = html;
      return;
    }
    const page = new DOMParser().parseFromString(html, "text/html");
    const top = shown.scrollingElement.scrollTop;
    shown.body.replaceWith(shown.adoptNode(page.body));
    oneStop();
    shown.scrollingElement.scrollTop = top;
  }

  /** One stop for the Tab key, to scroll it: its links lead nowhere, and the buttons come after it. The menu and the
      contents may scroll by themselves, which makes them stops too where a browser is modern. */
  function oneStop() {
    const { body } = frame.contentDocument;
    for (const part of body.querySelectorAll(".site-header, .site-footer")) part.inert = true;
    const stops = body.querySelectorAll("a, button, input, summary, details, [tabindex]");
    for (const element of stops) element.tabIndex = -1;
    body.tabIndex = 0;
  }

  function say(sentence) {
    if (status.textContent !== sentence) status.textContent = sentence;
  }

  /** A desktop page is drawn at its own width and scaled into the panel. */
  function fit() {
    const room = panel.clientWidth;
    const height = panel.clientHeight - panel.querySelector(".preview-bar").offsetHeight;
    const scale = width === DESKTOP && room ? Math.min(1, room / DESKTOP) : 1;
    frame.style.width = width === PHONE ? `min(100%, ${PHONE}px)` : `${DESKTOP}px`;
    frame.style.height = `${height / scale}px`;
    frame.style.transform = scale < 1 ? `scale(${scale})` : "";
  }

  function open(wanted) {
    panel.hidden = !wanted;
    form.classList.toggle("with-preview", wanted);
    toggle.setAttribute("aria-expanded", String(wanted));
    if (!wanted) return;
    fit();
    if (stale) update();
  }

  // Links in the preview lead away from an unsaved text; only jumps within the page are followed.
  frame.addEventListener("load", () => {
    oneStop();
    // A frame whose page has the focus does not match :focus.
    for (const event of ["focus", "blur"]) {
      frame.contentWindow.addEventListener(event, () => frame.classList.toggle("has-focus", event === "focus"));
    }
    frame.contentDocument.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (link && !link.getAttribute("href").startsWith("#")) event.preventDefault();
    });
    frame.contentDocument.addEventListener("submit", (event) => event.preventDefault());
    frame.contentDocument.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !WIDE.matches) close();
    });
  });

  // The server answers again: what could not be fetched, is.
  form.addEventListener("keeping:online", () => status.textContent && update());
  form.addEventListener("saving:done", schedule);
  form.addEventListener("input", schedule);
  form.addEventListener("change", schedule);
  form.addEventListener("compositionstart", () => {
    composing = true;
    clearTimeout(timer);
  });
  form.addEventListener("compositionend", () => {
    composing = false;
    schedule();
  });

  function close() {
    open(false);
    toggle.focus();
  }
  toggle.type = "button";
  toggle.addEventListener("click", () => (panel.hidden ? open(true) : close()));
  const shut = document.createElement("button");
  shut.type = "button";
  shut.className = "button preview-close";
  shut.textContent = "閉じる";
  shut.addEventListener("click", close);
  panel.querySelector(".preview-bar").append(shut);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !WIDE.matches) close();
  });

  const widths = [...panel.querySelectorAll("[data-width]")];
  for (const button of widths) {
    button.addEventListener("click", () => {
      width = button.dataset.width === "phone" ? PHONE : DESKTOP;
      widths.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      fit();
    });
  }
  window.addEventListener("resize", fit);
  open(WIDE.matches);
})();
