"use strict";
// The body's text area, of a post or a fixed page: toolbar, shortcuts, counters. Every change goes through `insert`, which keeps the
// browser's own undo; nothing here touches a text that an input method is still composing.
(() => {
  const area = document.querySelector(".markdownx textarea");
  if (!area) return;
  const form = area.form;

  const TABLE = "| 見出し | 見出し |\n|---|---|\n| 内容 | 内容 |\n| 内容 | 内容 |\n\n"; // an empty line: what is typed next is no row
  const BUTTONS = [
    ["見出し", () => prefixLines("## ")],
    ["太字", () => wrap("**", "**"), "b"],
    ["リンク", link, "k"],
    ["引用", () => prefixLines("> ")],
    ["箇条書き", () => prefixLines("- ")],
    ["画像", () => area.dispatchEvent(new CustomEvent("editor:image", { bubbles: true }))],
    ["注", footnote],
    ["ルビ", ruby],
    ["表", () => block(TABLE)],
  ];

  /** Replace the selection (or `from`–`to`) so that one undo takes it back, then select `mark` within it. */
  function insert(text, { from = area.selectionStart, to = area.selectionEnd, mark = null } = {}) {
    area.focus();
    area.setSelectionRange(from, to);
    const done = document.execCommand(text ? "insertText" : "delete", false, text);
    if (!done) {
      area.setRangeText(text, from, to, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (mark) area.setSelectionRange(from + mark[0], from + mark[1]);
  }

  function selected() {
    return area.value.slice(area.selectionStart, area.selectionEnd);
  }

  function wrap(before, after) {
    const text = selected();
    insert(before + text + after, { mark: [before.length, before.length + text.length] });
  }

  function prefixLines(prefix) {
    const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const next = area.value.indexOf("\n", area.selectionEnd);
    const to = next < 0 ? area.value.length : next;
    const lines = area.value.slice(from, to).split("\n");
    const all = lines.every((line) => line.startsWith(prefix));
    const text = lines.map((line) => (all ? line.slice(prefix.length) : prefix + line)).join("\n");
    insert(text, { from, to, mark: lines.length > 1 ? [0, text.length] : [text.length, text.length] });
  }

  /** Put `text` at the end of the current paragraph, as a paragraph of its own. */
  function block(text) {
    const line = area.value.indexOf("\n", area.selectionEnd);
    const at = line < 0 ? area.value.length : line;
    const before = area.value.slice(0, at);
    const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const after = area.value.slice(at);
    const rest = after.trim() && !after.startsWith("\n\n") ? "\n" : "";
    insert(`${gap}${text}${rest}`, { from: at, to: at });
  }

  function link() {
    const text = selected();
    if (/^https?:\/\/\S+$/.test(text)) {
      insert(`[](${text})`, { mark: [1, 1] });
    } else {
      const label = text || "文字";
      insert(`[${label}](https://)`, { mark: [label.length + 3, label.length + 11] });
    }
  }

  function footnote() {
    const used = [...area.value.matchAll(/\[\^(\d+)\]/g)].map((match) => Number(match[1]));
    const name = `[^${Math.max(0, ...used) + 1}]`;
    insert(name, { from: area.selectionEnd, to: area.selectionEnd });
    const end = area.value.length;
    const definition = `${area.value.endsWith("\n") ? "" : "\n"}\n${name}: `;
    insert(definition, { from: end, to: end });
    area.scrollTop = area.scrollHeight;
  }

  function ruby() {
    const text = selected() || "漢字";
    insert(`{${text}|よみ}`, { mark: [text.length + 2, text.length + 4] });
  }

  function toolbar() {
    const bar = document.createElement("div");
    bar.className = "editor-toolbar";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "本文の書式");
    bar.setAttribute("aria-controls", area.id);
    BUTTONS.forEach(([label, run, key], position) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.tabIndex = position ? -1 : 0;
      if (key) button.title = `${label}（Ctrl+${key.toUpperCase()}）`;
      button.addEventListener("click", run);
      bar.append(button);
    });
    bar.addEventListener("keydown", (event) => {
      const buttons = [...bar.children];
      const at = buttons.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = buttons[(to + buttons.length) % buttons.length];
      buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
      next.focus();
    });
    area.closest(".markdownx").before(bar);
  }

  /** Visible characters, roughly: the preview's server counts exactly. */
  function visibleCharacters(text) {
    const visible = text
      .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/\{([^{}|]+)(?:\|[^{}|]+)+\}/g, "$1")
      .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+\.)\s+/gm, "")
      .replace(/[*_`~|\s]|^[-:| ]+$/gm, "");
    return [...visible].length;
  }

  /** Width in full-width characters: Latin letters and half-width kana count half. */
  function width(text) {
    return [...text].reduce((sum, char) => sum + (/[\u0000-\u00ff\uff61-\uff9f]/.test(char) ? 0.5 : 1), 0);
  }

  function counter(field, text) {
    const out = document.createElement("p");
    out.className = "counter";
    (field.closest(".markdownx") || field).after(out);
    const show = () => {
      const [words, over] = text();
      out.textContent = words;
      out.classList.toggle("over", over);
    };
    field.addEventListener("input", show);
    show();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    const shortcut = document.activeElement === area && BUTTONS.find((button) => button[2] === key);
    const save = key === "s" && form.querySelector(".editor-bar .default");
    if (!shortcut && !save) return;
    event.preventDefault();
    if (save) form.requestSubmit(save);
    else shortcut[1]();
  });

  // Other scripts hand us Markdown to write: an image on its own line, a list of links…
  area.addEventListener("editor:insert", (event) => block(event.detail));

  toolbar();
  counter(area, () => {
    const count = visibleCharacters(area.value);
    const minutes = Math.max(1, Math.ceil(count / Number(area.dataset.charactersPerMinute)));
    return [`約${count.toLocaleString("ja")}文字・約${minutes}分`, false];
  });
  const title = form.elements.title;
  title.autocomplete = "off"; // with this script a copy brings back what was typed
  const limit = Number(title.dataset.titleWidth);
  if (limit) counter(title, () => [`全角${width(title.value)}文字（目安${limit}）`, width(title.value) > limit]);
})();
