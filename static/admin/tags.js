"use strict";
// Tags that exist already, offered while typing: an ARIA combobox over one field with several names.
(() => {
  const form = document.getElementById("post_form");
  const input = form && form.elements.tags;
  if (!input) return;

  const SEPARATORS = /[,、，]/;
  const PAUSE = 150;
  const list = document.createElement("ul");
  list.id = "tag-suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "使われているタグ");
  const holder = document.createElement("div");
  holder.className = "tags-holder";
  input.before(holder);
  holder.append(input, list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false", autocomplete: "off",
  })) input.setAttribute(name, value);

  let timer, running, active = -1;

  /** The name around the caret: [start, end) of the text between two separators. */
  function current() {
    let from = input.selectionStart;
    let to = from;
    while (from > 0 && !SEPARATORS.test(input.value[from - 1])) from -= 1;
    while (to < input.value.length && !SEPARATORS.test(input.value[to])) to += 1;
    return [from, to];
  }

  function close() {
    clearTimeout(timer);
    running?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function suggest() {
    const [from, to] = current();
    const typed = input.value.slice(from, to).trim();
    if (!typed) return close();
    running?.abort();
    const mine = (running = new AbortController());
    try {
      const response = await fetch(`${form.querySelector("[data-services]").dataset.tags}?q=${encodeURIComponent(typed)}`, { signal: mine.signal });
      if (!response.ok) return close();
      const { tags } = await response.json();
      if (mine === running) show(tags.filter((tag) => tag.name !== typed));
    } catch {
      // Suggestions are a help, not a condition: without them the field is a plain one.
    }
  }

  function show(tags) {
    list.replaceChildren(
      ...tags.map((tag, at) => {
        const option = document.createElement("li");
        option.id = `tag-suggestion-${at}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.name = tag.name;
        option.textContent = `${tag.name}（${tag.count}件${tag.exact ? "・同じタグ" : ""}）`;
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(option);
        });
        return option;
      }),
    );
    active = -1;
    list.hidden = !tags.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function mark(at) {
    const options = [...list.children];
    active = (at + options.length) % options.length;
    options.forEach((option, position) => option.setAttribute("aria-selected", String(position === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function choose(option) {
    const [from, to] = current();
    const isLast = to === input.value.length;
    input.setSelectionRange(from, to);
    const text = option.dataset.name + (isLast ? "、" : "");
    if (!document.execCommand("insertText", false, text)) {
      input.setRangeText(text, from, to, "end");
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    close();
  }

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(suggest, PAUSE);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? list.children.length - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) choose(list.children[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
})();
