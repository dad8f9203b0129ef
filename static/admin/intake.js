// Dropping files onto the form, and saying what is about to be sent. Without this script the file field does it all.
"use strict";
(() => {
  const form = document.getElementById("take-in");
  const field = form.elements.files;
  const box = form.querySelector(".dropping");
  const chosen = document.getElementById("files-chosen");
  const { maxFiles, maxBytes, tooMany } = form.dataset;

  const describe = () => {
    const files = Array.from(field.files);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const isTooMuch = files.length > Number(maxFiles) || bytes > Number(maxBytes);
    field.setCustomValidity(isTooMuch ? tooMany : "");
    chosen.textContent = isTooMuch ? tooMany : files.map((file) => file.name).join("、");
  };

  const hasFiles = (event) => Array.from(event.dataTransfer.types).includes("Files");
  box.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    box.classList.add("over");
  });
  box.addEventListener("dragleave", (event) => {
    if (!box.contains(event.relatedTarget)) box.classList.remove("over");
  });
  box.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    box.classList.remove("over");
    field.files = event.dataTransfer.files;
    describe();
  });
  field.addEventListener("change", describe);
  form.addEventListener("submit", () => {
    form.querySelector("[type=submit]").disabled = true;
    chosen.textContent = "取り込んでいます…";
  });
  // The browser's Back button brings the page as it was left.
  window.addEventListener("pageshow", () => {
    form.querySelector("[type=submit]").disabled = false;
    describe();
  });
})();
