"use strict";
// The focal point of an image: a click on the picture fills in the two numbers, and a ring shows where they are.
(() => {
  const picture = document.querySelector("img.desk-preview");
  const fields = { x: document.getElementById("id_focal_x"), y: document.getElementById("id_focal_y") };
  if (!picture || !fields.x || !fields.y) return;

  const holder = document.createElement("span");
  holder.className = "desk-focal";
  const ring = document.createElement("span");
  ring.className = "desk-focal-ring";
  picture.before(holder);
  holder.append(picture, ring);

  const bounded = (number) => Math.min(100, Math.max(0, Math.round(number)));
  const show = () => {
    ring.style.left = `${bounded(Number(fields.x.value))}%`;
    ring.style.top = `${bounded(Number(fields.y.value))}%`;
  };

  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    fields.x.value = bounded((100 * (event.clientX - box.left)) / box.width);
    fields.y.value = bounded((100 * (event.clientY - box.top)) / box.height);
    show();
  });
  for (const field of Object.values(fields)) field.addEventListener("input", show);
  show();
})();
