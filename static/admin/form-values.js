"use strict";
// Values of a form of the desk: read whole, compared, and written back so that the browser's own undo still works.
window.formValues = (() => {
  const MOST_LINES = 1_000; // of an edit that undo takes back

  const isTyped = (control) =>
    control.name && !["hidden", "file", "submit", "button", "reset"].includes(control.type) && control.name !== "csrfmiddlewaretoken";
  const controls = (form) => [...form.elements].filter(isTyped);
  const isOn = (control) => (["checkbox", "radio"].includes(control.type) ? control.checked : true);

  /** Everything that somebody typed or chose: [name, value] pairs in the order of the page. */
  function read(form) {
    return controls(form).filter(isOn).map((control) => [control.name, control.value]);
  }

  /** Whether two readings say the same: what saving tidies up (rows without an author, commas of tags) is no difference. */
  function same(one, other) {
    return JSON.stringify(tidy(one)) === JSON.stringify(tidy(other));
  }

  /** [name, values] of everything that says something. */
  function tidy(pairs) {
    const values = grouped(pairs);
    const authors = values.get("bylines-author") || [];
    const roles = values.get("bylines-role") || [];
    values.set("bylines-author", authors.filter(Boolean));
    values.set("bylines-role", roles.filter((_, at) => authors[at]));
    values.set("tags", (values.get("tags") || []).flatMap((tags) => tags.split(/[,、，]/).map((tag) => tag.trim())));
    return [...values]
      .map(([name, said]) => [name, said.map((value) => value.replace(/\s+$/, "")).filter(Boolean)])
      .filter(([, said]) => said.length)
      .toSorted(([left], [right]) => (left < right ? -1 : 1));
  }

  function grouped(pairs) {
    const values = new Map();
    for (const [name, value] of pairs) values.set(name, [...(values.get(name) || []), value]);
    return values;
  }

  /** What a list shows for the pictures chosen in `form`, by value: a copy in the browser must be able to show them again. */
  function pictures(form) {
    const lists = controls(form).filter((control) => control.matches("select[data-pictures]") && control.value);
    return Object.fromEntries(
      lists.map((list) => [list.value, [list.selectedOptions[0].textContent, list.selectedOptions[0].dataset.src || ""]]),
    );
  }

  /** Put `pairs` into the form. What `keep(name)` says stays as it is. `labels`: what `pictures` gave. */
  function write(form, pairs, { labels = {}, keep = () => false } = {}) {
    const values = grouped(pairs);
    for (const box of form.querySelectorAll("[data-bylines]")) {
      const [authors, roles] = ["author", "role"].map((part) => values.get(`${box.id.replace(/^id_/, "")}-${part}`) || []);
      if (keep("bylines-author") || keep("bylines-role")) continue;
      const rows = authors.map((author, at) => [author, roles[at]]).filter(([author]) => author);
      box.dispatchEvent(new CustomEvent("bylines:set", { detail: rows }));
    }
    for (const control of controls(form)) {
      if (control.closest("[data-bylines]") || keep(control.name)) continue;
      const [value = ""] = values.get(control.name) || [];
      if (["checkbox", "radio"].includes(control.type)) {
        control.checked = (values.get(control.name) || []).includes(control.value);
      } else if (control.tagName === "SELECT") {
        choose(control, value, labels[value]);
      } else {
        setText(control, value);
      }
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function choose(list, value, [label, source] = [value, ""]) {
    if (list.value === value) return;
    if (![...list.options].some((option) => option.value === value)) {
      const option = new Option(label, value);
      if (source) option.dataset.src = source;
      list.add(option);
    }
    list.value = value;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Make `text` the value of a text field by one edit that undo takes back; caret, scroll and focus stay where they are. */
  function setText(field, text) {
    const old = field.value;
    const fresh = text.replace(/\r\n?/g, "\n");
    if (old === fresh) return;
    let from = 0;
    while (from < old.length && from < fresh.length && old[from] === fresh[from]) from += 1;
    let end = 0;
    while (end < Math.min(old.length, fresh.length) - from && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
    // A pair of surrogates is one sign: nothing is cut in its middle.
    if (/[\uDC00-\uDFFF]/.test(old[from] || fresh[from] || "") && from) from -= 1;
    if (/[\uD800-\uDBFF]/.test(old[old.length - end - 1] || "") && end) end -= 1;
    const to = old.length - end;
    const middle = fresh.slice(from, fresh.length - end);
    const moved = (at) => (at <= from ? at : at >= to ? at + fresh.length - old.length : from + middle.length);
    const caret = [field.selectionStart, field.selectionEnd].map(moved);
    const [active, top, page] = [document.activeElement, field.scrollTop, window.scrollY];
    field.focus({ preventScroll: true });
    field.setSelectionRange(from, to);
    // Behind an open dialog nothing takes the focus: the command would write elsewhere. And browsers take minutes for thousands of lines.
    const isOurs = document.activeElement === field && middle.split("\n").length < MOST_LINES;
    if (!isOurs || !document.execCommand(middle ? "insertText" : "delete", false, middle) || field.value !== fresh) {
      field.setRangeText(fresh, 0, field.value.length, "preserve");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    field.setSelectionRange(...caret);
    field.scrollTop = top;
    if (active !== field) active?.focus({ preventScroll: true });
    window.scrollTo(0, page);
  }

  return { read, same, tidy, pictures, write };
})();
