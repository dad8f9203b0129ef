"use strict";
// Nothing typed is lost: a copy in this browser, the server's autosave, a word before the page is left.
(() => {
  const form = document.querySelector(".markdownx textarea")?.form;
  if (!form) return;

  const COPY_AFTER = 2_000;
  const SAVE_AFTER = 10_000;
  const KEEPALIVE_LIMIT = 60_000; // browsers refuse more than 64 KiB from a page that is going away
  const KEPT = ["title", "body", "tags", "slug", "excerpt", "description", "disclosure", "canonical_url", "related"]
    .filter((name) => form.elements[name]);
  const services = form.querySelector("[data-services]").dataset;
  const status = form.querySelector("[data-keeping-status]");
  const key = `allforces:${services.user}:${location.pathname}`;
  const keyOfNew = key.replace(/\d+\/change\/$/, "add/");
  const waiting = document.querySelector("[data-draft-waiting]");
  let dirty = false, copyTimer, saveTimer, saving = null, leaving = false;

  const say = (sentence) => (status.textContent = sentence);
  const values = () => Object.fromEntries(KEPT.map((name) => [name, form.elements[name].value]));
  const bare = (text) => (text || "").replace(/[\s,、，]+/g, ""); // what saving may tidy up is no difference
  const same = (copy) => KEPT.every((name) => bare(copy[name]) === bare(form.elements[name].value));

  // localStorage may be full or forbidden; the server's copy then has to do.
  const stored = {
    read: (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } },
    write: (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* see above */ } },
    drop: (name) => { try { localStorage.removeItem(name); } catch { /* see above */ } },
  };

  function changed() {
    dirty = true;
    if (leaving) return;
    clearTimeout(copyTimer);
    copyTimer = setTimeout(copy, COPY_AFTER);
    saveTimer ||= setTimeout(autosave, SAVE_AFTER);
    if (!services.autosave) say("まだ保存していません。文章はこの端末に控えます。");
    else if (waiting) say("自動保存は止まっています。上の書きかけを、開くか捨てるかしてください。");
    else if (!saving) say("変更があります。");
  }

  function copy() {
    stored.write(key, { at: Date.now(), values: values() });
  }

  async function autosave() {
    clearTimeout(saveTimer);
    saveTimer = null;
    if (!services.autosave || waiting || !dirty || leaving) return;
    saving?.abort();
    const mine = (saving = new AbortController());
    const body = new FormData(form);
    dirty = false;
    try {
      const keepalive = document.hidden && form.elements.body.value.length * 3 < KEEPALIVE_LIMIT;
      const response = await fetch(services.autosave, { method: "POST", body, signal: mine.signal, keepalive });
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      const answer = isJson ? await response.json() : {};
      if (response.status === 403) await renewToken();
      if (!response.ok || !isJson) throw new Error(answer.error || "自動保存できませんでした。ログインが切れていたら、別のタブでログインし直してください。");
      say(`自動保存しました（${answer.saved_at}）。`);
      if (!dirty) stored.drop(key);
    } catch (error) {
      if (error.name === "AbortError") return;
      dirty = true;
      copy();
      const reason = error instanceof TypeError ? "サーバーにつながりません。" : error.message;
      say(`${reason} 文章はこの端末に控えました。`);
      saveTimer ||= setTimeout(autosave, SAVE_AFTER);
    } finally {
      if (saving === mine) saving = null;
    }
  }

  /** Signing in again, in another tab, makes this form's token invalid: take the new one. */
  async function renewToken() {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector(`#${form.id} [name=csrfmiddlewaretoken]`);
    if (token) form.elements.csrfmiddlewaretoken.value = token.value;
  }

  function offerCopy(found) {
    const box = document.createElement("div");
    box.className = "notice";
    box.setAttribute("role", "status");
    const text = document.createElement("p");
    const time = new Date(found.at).toLocaleString("ja", { dateStyle: "short", timeStyle: "short" });
    text.textContent = `この端末に、保存されていない控えがあります（${time}）。`;
    box.append(text);
    const button = (label, run) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "button";
      made.textContent = label;
      made.addEventListener("click", () => { run(); box.remove(); });
      box.append(made, " ");
    };
    button("控えを戻す", () => {
      for (const name of KEPT) form.elements[name].value = found.values[name] || "";
      KEPT.forEach((name) => form.elements[name].dispatchEvent(new Event("input", { bubbles: true })));
    });
    button("捨てる", () => stored.drop(key));
    form.before(box);
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden || !dirty || leaving) return;
    copy();
    autosave();
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    if (leaving) {
      event.preventDefault(); // a double click must not save twice
      return;
    }
    leaving = true;
    clearTimeout(saveTimer);
    saving?.abort(); // an autosave that arrives after the save would look like unsaved words
    copy();
    const area = form.elements.body;
    sessionStorage.setItem(
      "allforces:place",
      JSON.stringify({ at: Date.now(), body: document.activeElement === area, from: area.selectionStart,
        to: area.selectionEnd, top: area.scrollTop, page: window.scrollY }),
    );
    say("送っています…");
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });

  /** After a save the page comes back as it was left: same place, same caret. */
  function returnToPlace() {
    const place = JSON.parse(sessionStorage.getItem("allforces:place"));
    sessionStorage.removeItem("allforces:place");
    if (!place || Date.now() - place.at > 60_000 || document.querySelector(".errornote, .conflict")) return;
    const area = form.elements.body;
    if (place.body) {
      area.focus({ preventScroll: true });
      area.setSelectionRange(place.from, place.to);
      area.scrollTop = place.top;
    }
    window.scrollTo(0, place.page);
    // What was done is said at the top of the page; from here it might be out of sight.
    const said = [...document.querySelectorAll(".messagelist li")];
    if (said.some((message) => message.getBoundingClientRect().top < 0)) say(said.map((message) => message.innerText).join(" "));
  }

  const found = stored.read(key);
  const fresh = keyOfNew !== key && stored.read(keyOfNew);
  if (fresh && same(fresh.values)) stored.drop(keyOfNew);
  const saved = document.querySelector(".messagelist .saved"); // merged, it need not be what was typed here
  if (found && (saved || same(found.values))) stored.drop(key);
  else if (found && !waiting) offerCopy(found);
  returnToPlace();
  if (services.unsaved !== undefined) changed();
})();
