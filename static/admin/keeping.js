"use strict";
// Nothing typed is lost: a copy of each tab in this browser and a draft of each tab on the server, both offered until answered.
window.keeping = (() => {
  const form = document.querySelector(".markdownx textarea")?.form;
  if (!form) return null;

  const COPY_AFTER = 1_000;
  const FIRST_SAVE_AFTER = 2_000;
  const SAVE_AFTER = 8_000;
  const PATIENCE = 3_000;
  const TOO_LONG = 20_000;
  const KEEPALIVE_LIMIT = 60_000; // browsers refuse more than 64 KiB from a page that is going away
  const FORGET_AFTER = 60 * 24 * 3600_000;
  const PREFIX = "allforces:copy:";
  const { read, same, pictures, write } = window.formValues;
  const services = form.querySelector("[data-services]").dataset;
  const status = form.querySelector("[data-keeping-status]");
  const offers = document.querySelector("[data-drafts]") || offersBox();
  const restored = document.querySelector("[data-restored]");
  let dirty = false, copyTimer, saveTimer, saving = null, arrival = null, turn = 0, edits = 0, saves = 0;
  let taken = null;
  let leaving = false, paused = false, ignoring = false, isCopied = true;

  // localStorage may be forbidden, or full: then copies that the server has too make room, the oldest first.
  const stored = {
    read: (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } },
    write: (name, value) => {
      const spare = () => stored.names().filter((other) => other !== name && stored.read(other)?.isOnServer)
        .toSorted((one, other) => stored.read(one).at - stored.read(other).at);
      for (;;) {
        try {
          localStorage.setItem(name, JSON.stringify(value));
          return true;
        } catch { /* see above */ }
        const [oldest] = spare();
        if (!oldest) return false;
        stored.drop(oldest);
      }
    },
    drop: (name) => { try { localStorage.removeItem(name); } catch { /* see above */ } },
    names: () => { try { return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)); } catch { return []; } },
  };
  const field = (name) => form.elements[name];
  const key = () => field("draft-key")?.value || services.key;
  const nameOf = (one) => `${PREFIX}${services.user}:${one}`;
  const say = (...parts) => {
    status.setAttribute("role", "status");
    status.replaceChildren(...parts);
  };
  /** What has gone wrong: read out at once. */
  const warn = (...parts) => {
    status.setAttribute("role", "alert");
    status.replaceChildren(...parts);
  };

  function changed() {
    if (ignoring) return;
    dirty = true;
    edits += 1;
    if (leaving) return;
    clearTimeout(copyTimer);
    copyTimer = setTimeout(copy, COPY_AFTER);
    if (!services.autosave) say("まだ保存していません。文章はこの端末に控えます。");
    else if (!paused) {
      saveTimer ||= setTimeout(autosave, saves ? SAVE_AFTER : FIRST_SAVE_AFTER);
      if (!saving && !status.querySelector("button")) say("変更があります。"); // a button must not vanish under the pointer
    }
  }

  function copy() {
    clearTimeout(copyTimer);
    isCopied = stored.write(nameOf(key()), {
      at: Date.now(),
      isOnServer: Boolean(services.autosave) && !dirty && !saving && saves > 0,
      article: services.article,
      base: field("base")?.value || field("seen")?.value || "",
      number: field("draft-number")?.value || "0",
      values: read(form),
      pictures: pictures(form),
    });
  }

  /** Where the words are, for the end of a sentence about what went wrong. */
  const whereTheyAre = () =>
    (isCopied ? "文章はこの端末に控えました。" : "この端末には控えられません。この画面を閉じないでください。");

  function autosave() {
    clearTimeout(saveTimer);
    saveTimer = null;
    if (services.autosave && dirty && !leaving) arrival = sendDraft();
    return arrival;
  }

  async function sendDraft() {
    saving?.abort();
    const mine = (saving = new AbortController());
    const one = key();
    const body = new FormData(form);
    body.set("draft-turn", (turn += 1));
    let isSignedOut = false, isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      mine.abort();
    }, TOO_LONG);
    dirty = false;
    try {
      const keepalive = document.hidden && form.elements.body.value.length * 3 < KEEPALIVE_LIMIT;
      const response = await fetch(services.autosave, {
        method: "POST", body, signal: mine.signal, keepalive, headers: { "X-Requested-With": "fetch" },
      });
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      const answer = isJson ? await response.json() : {};
      if (mine !== saving || key() !== one) return; // saved, or another draft taken up, meanwhile
      isSignedOut = Boolean(answer.signed_out);
      if (response.status === 403 && !isJson) await window.signIn.renew();
      if (!response.ok || !isJson) throw new Error(answer.error || "自動保存できませんでした。");
      saves += 1;
      field("draft-key").value = answer.key; // another one, where another tab writes under the old key
      field("draft-number").value = answer.number;
      saving = null;
      copy();
      say(`自動保存しました（${answer.saved_at}）。`);
      form.dispatchEvent(new CustomEvent("keeping:online"));
    } catch (error) {
      if (error.name === "AbortError" && !isLate) return;
      dirty = true;
      copy();
      const reason = isLate || error instanceof TypeError ? "サーバーにつながりません。" : error.message;
      warn(`${reason} ${whereTheyAre()}`, ...(isSignedOut ? [" ", signInButton()] : []));
      if (!paused) saveTimer ||= setTimeout(autosave, SAVE_AFTER);
    } finally {
      clearTimeout(limit);
      if (saving === mine) saving = null;
    }
  }

  /** Beside the status, where it disturbs nobody who is typing. */
  function signInButton() {
    return madeButton("ログインし直す", async () => {
      if (await window.signIn()) autosave();
    });
  }

  function madeButton(label, run) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = label;
    made.addEventListener("click", run);
    return made;
  }

  // What is offered: drafts of the server, which the page brings, and copies of this browser that are newer or alone.

  function offersBox() {
    const box = document.createElement("section");
    box.className = "notice drafts";
    box.dataset.drafts = "";
    box.setAttribute("aria-label", "保存していない書きかけ");
    box.innerHTML = "<p><strong>保存していない控えがあります。</strong>新しい順です。</p><ul></ul>";
    box.hidden = true;
    form.before(box);
    return box;
  }

  function offerCopies() {
    const list = offers.querySelector("ul");
    const now = read(form);
    for (const name of stored.names().filter((any) => any.startsWith(nameOf("")))) {
      const found = stored.read(name);
      const one = name.slice(nameOf("").length);
      if (!found?.values || Date.now() - found.at > FORGET_AFTER) stored.drop(name);
      if (found?.article !== services.article || !found.values) continue;
      if (same(found.values, now)) {
        if (!restored || one === key()) stored.drop(name); // saved, its answer did not arrive
        continue;
      }
      const row = list.querySelector(`[data-draft="${CSS.escape(one)}"]`);
      if (row && (found.isOnServer || Number(row.dataset.at) * 1000 >= found.at)) continue;
      row?.remove();
      const made = offerCopy(one, found);
      const older = [...list.children].find((other) => Number(other.dataset.at) * 1000 < found.at);
      list.insertBefore(made, older || null);
    }
    offers.hidden = !list.children.length;
  }

  function offerCopy(one, found) {
    const row = document.createElement("li");
    row.dataset.draft = one;
    row.dataset.at = Math.floor(found.at / 1000);
    const said = new Map(found.values);
    const time = new Date(found.at).toLocaleString("ja", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
    const text = document.createElement("span");
    const begins = (said.get("body") || "").slice(0, 40);
    text.textContent = `${time}　この端末の控え「${(said.get("title") || "（無題）").slice(0, 40)}」${begins}`;
    row.append(
      text, " ",
      madeButton("控えを戻す", () => takeBack(one, found, row)), " ",
      madeButton("捨てる", () => {
        stored.drop(nameOf(one));
        answered(row);
      }),
    );
    return row;
  }

  function answered(row) {
    const hadFocus = row.contains(document.activeElement);
    row.remove();
    offers.hidden = !offers.querySelector("li");
    if (hadFocus) (offers.querySelector("li :is(a, button)") || form.elements.title).focus();
  }

  /** What stands in the form stays kept under its own key, and the autosave that is under way concerns this tab no more. */
  function letGo() {
    const isUnsaved = dirty || saving;
    saving?.abort();
    saving = null;
    clearTimeout(saveTimer);
    saveTimer = null;
    if (!isUnsaved) return;
    dirty = true;
    copy();
  }

  function takeBack(one, found, row) {
    const before = whatStands(row);
    letGo();
    if (field("draft-key")) {
      field("draft-key").value = one;
      field("draft-number").value = found.number;
      if (found.base) field("base").value = found.base;
    } else if (field("seen")) {
      services.key = one;
      field("seen").value = found.base;
    }
    takeUp(found.values, found.pictures, before);
  }

  const OWN = ["draft-key", "draft-number", "draft-tab", "base", "seen"];

  function whatStands(row) {
    const own = OWN.filter((name) => field(name)).map((name) => [name, field(name).value]);
    return { own, body: form.elements.body.value, key: services.key, row };
  }

  function takeUp(values, labels, before) {
    write(form, values, { labels });
    taken = before.body === form.elements.body.value ? null : before;
    answered(before.row);
    place();
    changed();
    form.elements.title.focus();
  }

  /** A draft of the server is opened without leaving the page: its own page is read, and its form taken over. */
  async function open(link, row) {
    await autosave();
    const before = edits;
    try {
      const response = await window.signIn.ask(() => fetch(link.href));
      const there = response && new DOMParser().parseFromString(await response.text(), "text/html").getElementById(form.id);
      if (!there) throw new TypeError();
      if (there.elements["draft-key"].value !== row.dataset.draft) {
        say("この書きかけは、もうありません。保存されたか、捨てられています。");
        return answered(row);
      }
      if (edits !== before) dirty = true;
      const stood = whatStands(row);
      letGo();
      for (const name of ["draft-key", "draft-number", "draft-tab", "base"]) field(name).value = there.elements[name].value;
      takeUp(read(there), pictures(there), stood);
    } catch {
      say("書きかけを開けません。通信を確かめて、もう一度押してください。");
    }
    return undefined;
  }

  /** Undo of the whole text: what was taken up is offered again, and what stood before goes on under its own key. */
  function takenBack() {
    for (const [name, value] of taken.own) field(name).value = value;
    services.key = taken.key;
    offers.querySelector("ul").prepend(taken.row);
    offers.hidden = false;
    taken = null;
    place();
  }

  async function drop(dropForm, row) {
    try {
      const response = await window.signIn.ask(() => fetch(dropForm.action, { method: "POST", body: new FormData(dropForm) }));
      if (!response?.ok && response?.status !== 404) throw new TypeError();
      stored.drop(nameOf(row.dataset.draft));
      answered(row);
    } catch {
      say("捨てられませんでした。通信を確かめて、もう一度押してください。");
    }
  }

  /** A new article's address names its key, so that reloading and going back find it again. */
  function place() {
    if (services.article !== "new" || !services.add) return;
    history.replaceState(history.state, "", `${services.add}${key()}/`);
  }

  offers.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    open(link, link.closest("li"));
  });
  offers.addEventListener("submit", (event) => {
    event.preventDefault();
    drop(event.target, event.target.closest("li"));
  });
  form.addEventListener("input", (event) => {
    if (taken && event.inputType === "historyUndo" && form.elements.body.value === taken.body) takenBack();
    changed();
  });
  form.addEventListener("change", changed);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden || !dirty || leaving) return;
    copy();
    autosave();
  });
  window.addEventListener("online", autosave);
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });

  place();
  offerCopies();
  if (services.unsaved !== undefined) changed();

  return {
    say, warn, key, whereTheyAre,
    /** An autosave that arrives after a save would look like unsaved words: the one under way may finish, no other begins. */
    async pause() {
      paused = true;
      clearTimeout(saveTimer);
      saveTimer = null;
      copy();
      await Promise.race([arrival, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
      if (!saving) return;
      saving.abort();
      saving = null;
      dirty = true;
      copy();
    },
    resume() {
      paused = false;
      if (dirty && services.autosave) saveTimer ||= setTimeout(autosave, SAVE_AFTER);
    },
    /** The text of the draft `one` has been saved; `typing`: something else has been typed since. */
    saved(one, { typing = false } = {}) {
      stored.drop(nameOf(one));
      restored?.remove();
      saves = 0;
      taken = null;
      dirty = typing;
      if (typing) copy();
    },
    /** What `run` writes into the form is no change of the person's. */
    quietly(run) {
      ignoring = true;
      try {
        run();
      } finally {
        ignoring = false;
      }
    },
    leave: () => (leaving = true),
  };
})();
