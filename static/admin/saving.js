"use strict";
// Saving without leaving the page: the form goes to the server as it always does, and what the next page says new is put into this one.
(() => {
  const { keeping } = window;
  const form = document.querySelector(".markdownx textarea")?.form;
  if (!form || !keeping) return;

  const { read, tidy, pictures, write } = window.formValues;
  const services = form.querySelector("[data-services]").dataset;
  const OWN = ["csrfmiddlewaretoken", "draft-key", "draft-number", "draft-tab", "seen", "initial-assignee"];
  let busy = false, composing = "", isSaved = false;

  form.addEventListener("compositionstart", (event) => (composing = event.target.name));
  form.addEventListener("compositionend", () => (composing = ""));
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    event.preventDefault();
    if (busy) return; // a double click must not save twice
    save(event.submitter);
  });

  async function save(button) {
    busy = true;
    isSaved = false;
    keeping.say("送っています…");
    document.querySelector(".messagelist")?.remove(); // of the save before
    try {
      await keeping.pause();
      if (services.autosave) await send(button);
      else await sendWhole(button);
    } catch (error) {
      if (isSaved) keeping.say("保存しました。ただし、この画面を新しくできません。開き直すと、保存した版が出ます。");
      else if (error instanceof Refused) keeping.warn(`${error.message} まだ保存していません。${keeping.whereTheyAre()}`);
      else keeping.warn(`サーバーにつながりません。まだ保存していません。${keeping.whereTheyAre()} つながったら、もう一度押してください。`);
    } finally {
      busy = false;
      keeping.resume();
    }
  }

  class Refused extends Error {}

  /** The form of an article. */
  async function send(button) {
    const [sent, key] = [read(form), keeping.key()];
    const hasTyped = () => JSON.stringify(read(form)) !== JSON.stringify(sent);
    const response = await ask(() => {
      const body = new FormData(form);
      if (button?.name) body.append(button.name, button.value);
      return fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
    });
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    const answer = isJson ? await response.json() : await response.text();
    if (!response.ok) throw new Refused(isJson ? answer.error : sentence(response, answer));
    if (!isJson) return adopt(answer, sent, button, key);
    isSaved = true;
    const typing = hasTyped();
    keeping.saved(key, { typing });
    if (!answer.stays && !typing) return leave(answer.url);
    const page = await ask(() => fetch(answer.article));
    adopt(await page.text(), sent, button);
    if (!answer.stays) keeping.say("保存しました。続きを書かれたので、ここにとどまりました。");
    return undefined;
  }

  /** A form of Django's own, which answers with a page of its own: sent as ever, once it is known that somebody is there to take it. */
  async function sendWhole(button) {
    await ask(() => fetch(location.href));
    sessionStorage.setItem("allforces:sent", keeping.key());
    keeping.leave();
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: button?.name || "_continue", value: button?.value || "" });
    form.append(hidden);
    HTMLFormElement.prototype.submit.call(form);
  }

  async function ask(request) {
    const response = await window.signIn.ask(request);
    if (!response) throw new Refused("ログインが切れています。");
    return response;
  }

  function sentence(response, page) {
    const told = new DOMParser().parseFromString(page, "text/html").querySelector("[data-sentence], .errornote, main p");
    const why = told?.textContent.trim().replace(/\s+/g, " ");
    return why || `サーバーが受け取れませんでした（${response.status}）。`;
  }

  function leave(url) {
    keeping.leave();
    location.assign(url);
  }

  /** Take over what another page of this form says: the state of the article, what was told, what is wrong, what others wrote. */
  function adopt(html, sent, button, key = null) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const there = page.getElementById(form.id);
    if (!there) throw new Refused("いまの画面を新しくできません。文章を確かめてから、開き直してください。");
    const offered = there.querySelector("[data-services]").dataset;
    if (key && offered.unsaved === undefined) {
      keeping.saved(key, { typing: JSON.stringify(read(form)) !== JSON.stringify(sent) });
    }
    const [before, now, wanted] = [sent, read(form), read(there)].map((pairs) => new Map(tidy(pairs)));
    const text = (values, name) => JSON.stringify(values.get(name) || []);
    // What somebody has typed since is theirs; where the server has other words for it, they are merged with the next save.
    const isTyped = (name) => composing === name || text(now, name) !== text(before, name);
    const crossed = [...new Set([...wanted.keys(), ...now.keys()])].some(
      (name) => isTyped(name) && text(wanted, name) !== text(before, name),
    );
    for (const name of OWN) if (there.elements[name] && form.elements[name]) form.elements[name].value = there.elements[name].value;
    if (!crossed) form.elements.base.value = there.elements.base.value;
    keeping.quietly(() => write(form, read(there), { labels: pictures(there), keep: isTyped }));
    form.action = there.action;
    Object.assign(services, offered);
    delete services.unsaved;
    const address = there.getAttribute("action");
    if (address) history.replaceState(history.state, "", address);
    document.title = page.title;
    for (const place of [".messagelist", ".breadcrumbs", ".editor-heading", "[data-notices]", "[data-not-shown]"]) replace(place, page);
    errors(there);
    buttons(there, button);
    const wrong = document.querySelector("[data-notices] :is(.errornote, .conflict)");
    if (wrong) {
      wrong.scrollIntoView({ block: "center" });
      wrong.tabIndex = -1;
      if (!form.contains(document.activeElement) || document.activeElement.matches("button")) wrong.focus({ preventScroll: true });
    }
    const told = [...document.querySelectorAll(".messagelist li")].map((item) => item.innerText);
    keeping.say(told.join(" "));
    if (!wrong) form.dispatchEvent(new CustomEvent("saving:done"));
  }

  function replace(place, page) {
    const [here, there] = [document.querySelector(place), page.querySelector(place)];
    if (here && there) here.replaceWith(document.adoptNode(there));
    else if (here) here.remove();
    else if (there && place === ".messagelist") document.getElementById("main").querySelector(".content").prepend(document.adoptNode(there));
    else if (there && place === ".editor-heading") document.getElementById("content").prepend(document.adoptNode(there));
  }

  function errors(there) {
    for (const row of form.querySelectorAll(".form-row")) {
      const name = [...row.classList].find((one) => one.startsWith("field-"));
      const other = name && there.querySelector(`.form-row.${name}`);
      row.querySelector(":scope > .errorlist")?.remove();
      const list = other?.querySelector(":scope > .errorlist");
      if (list) row.prepend(document.adoptNode(list));
      row.classList.toggle("errors", Boolean(list));
    }
  }

  /** The buttons of the article's new state; the one of the preview stays, its script holds on to it. */
  function buttons(there, pressed) {
    const bar = form.querySelector(".editor-buttons");
    const preview = bar.querySelector("[data-plain-preview]");
    const hadFocus = bar.contains(document.activeElement) || document.activeElement === document.body;
    const fresh = [...there.querySelector(".editor-buttons").children].map((button) =>
      button.matches("[data-plain-preview]") ? preview : document.adoptNode(button),
    );
    preview.formAction = there.querySelector("[data-plain-preview]").formAction;
    bar.replaceChildren(...fresh);
    if (hadFocus && pressed && !pressed.classList.contains("first-button")) {
      (bar.querySelector(`[value="${pressed.value}"]`) || bar.querySelector("button")).focus({ preventScroll: true });
    }
  }

  const sentWhole = sessionStorage.getItem("allforces:sent");
  sessionStorage.removeItem("allforces:sent");
  if (sentWhole && document.querySelector(".messagelist .success")) keeping.saved(sentWhole);
})();
