"use strict";
// Rows of by-lines: add, remove, move. Without this script the empty rows of the page serve.
(() => {
  for (const box of document.querySelectorAll("[data-bylines]")) {
    const list = box.querySelector("ol");
    const model = list.lastElementChild.cloneNode(true);
    const status = document.createElement("p");
    status.className = "counter";
    status.setAttribute("role", "status");

    const rows = () => [...list.children];
    const name = (row) => {
      const select = row.querySelector("select");
      return select.value || "空の行";
    };

    function tell(sentence) {
      status.textContent = sentence;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function button(label, describe, run) {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = label;
      made.setAttribute("aria-label", describe);
      made.addEventListener("click", run);
      return made;
    }

    function move(row, step) {
      const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      if (step < 0) other.before(row);
      else other.after(row);
      number();
      row.querySelectorAll("button")[step < 0 ? 0 : 1].focus();
      tell(`${name(row)}を${rows().indexOf(row) + 1}番目にしました。`);
    }

    function remove(row) {
      const gone = name(row);
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      if (!rows().length) add();
      number();
      (next || rows()[0]).querySelector("select").focus();
      tell(`${gone}を外しました。`);
    }

    function equip(row) {
      row.removeAttribute("data-empty");
      row.append(
        button("↑", "上へ", () => move(row, -1)),
        button("↓", "下へ", () => move(row, 1)),
        button("✕", "外す", () => remove(row)),
      );
    }

    function number() {
      rows().forEach((row, at) => {
        const [author, role] = row.querySelectorAll("select");
        author.setAttribute("aria-label", `著者（${at + 1}人目）`);
        role.setAttribute("aria-label", `役割（${at + 1}人目）`);
        author.id = at ? "" : `${box.id}-0`;
      });
    }

    function add() {
      const row = model.cloneNode(true);
      equip(row);
      list.append(row);
      number();
      return row;
    }

    /** What a kept copy or another person's version says: [author, role] of each row. */
    function set(wanted) {
      const shown = rows().map((row) => [...row.querySelectorAll("select")].map((select) => select.value));
      if (JSON.stringify(shown.filter(([author]) => author)) === JSON.stringify(wanted)) return;
      list.replaceChildren();
      for (const values of wanted) {
        add().querySelectorAll("select").forEach((select, at) => {
          if (![...select.options].some((option) => option.value === values[at])) select.add(new Option(values[at]));
          select.value = values[at];
        });
      }
      if (!wanted.length) add();
      number();
    }
    box.addEventListener("bylines:set", (event) => set(event.detail));

    rows().forEach((row, at) => {
      if (row.hasAttribute("data-empty") && at > 0) row.remove();
      else equip(row);
    });
    number();
    box.append(button("＋ 署名を足す", "署名を足す", () => add().querySelector("select").focus()), status);
  }
})();
