"use strict";
// Images: pasted, dropped or chosen in the editor, with the words for those who cannot see them; and the
// library, from which an image goes into the text or into a field (the hero, the image for sharing). A failing upload changes no text.
(() => {
  const area = document.querySelector(".markdownx textarea");
  if (!area) return;
  const form = area.form;
  const services = form.querySelector("[data-services]").dataset;
  const dialog = document.createElement("dialog");
  dialog.className = "pictures";
  dialog.setAttribute("aria-labelledby", "pictures-title");
  dialog.innerHTML = `
    <form method="dialog">
      <div class="pictures-head"><h2 id="pictures-title"></h2><button class="button">閉じる</button></div>
    </form>
    <form data-upload>
      <h3>新しい画像</h3>
      <p><input type="file" name="image" required aria-label="画像ファイル" accept="image/jpeg,image/png,image/webp,image/avif,image/gif"></p>
      <p><label for="picture-alt">画像の説明（見られない人に伝える内容）</label>
        <input id="picture-alt" name="alt" maxlength="250" autocomplete="off"></p>
      <p><label><input type="checkbox" name="decorative"> 装飾（意味を持たない飾りの画像）</label></p>
      <p><button class="button default">送って入れる</button> <span role="alert" data-error></span></p>
    </form>
    <section aria-label="画像の一覧">
      <h3>ある画像から選ぶ</h3>
      <p><input type="search" data-search aria-label="画像を探す" placeholder="説明・出典・ファイル名"></p>
      <ul data-found></ul>
      <p><button type="button" class="button" data-more hidden>もっと見る</button> <span role="status" data-status></span></p>
    </section>`;
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  const upload = part("upload");
  const error = part("error");
  let use = null, skip = null, opener = null, place = null, page = 1, asked = 0, timer;

  /** `skipped` is called when the dialog is closed without an image. */
  function open(title, purpose, { file = null, warning = "", skipped = null } = {}) {
    use = purpose;
    skip = skipped;
    opener = document.activeElement;
    place = { from: area.selectionStart, to: area.selectionEnd, top: area.scrollTop };
    dialog.querySelector("h2").textContent = title;
    upload.reset();
    describe();
    error.textContent = warning;
    part("search").value = "";
    if (file) {
      const files = new DataTransfer();
      files.items.add(file);
      upload.elements.image.files = files.files;
    }
    document.body.append(dialog);
    dialog.showModal();
    (file ? upload.elements.alt : upload.elements.image).focus();
    find(1);
  }

  /** A dialog that closes gives the focus back, but a text area then has its caret at the very start. */
  function returnToPlace() {
    if (place && document.activeElement === area) {
      area.setSelectionRange(place.from, place.to);
      area.scrollTop = place.top;
    }
    place = null;
  }

  function chosen(image) {
    skip = null;
    dialog.close();
    returnToPlace();
    dialog.remove(); // with what was typed into it: the browser's undo would go through that before it comes to the text
    use(image);
  }

  function describe() {
    upload.elements.alt.disabled = upload.elements.decorative.checked;
  }

  async function send(event) {
    event.preventDefault();
    const { alt, decorative } = upload.elements;
    if (!decorative.checked && !alt.value.trim()) {
      error.textContent = "画像の説明を書くか、「装飾」を選んでください。";
      alt.focus();
      return;
    }
    const button = upload.querySelector("button");
    const wanted = use;
    const data = new FormData(upload);
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    button.disabled = true;
    error.textContent = "送っています…";
    try {
      const response = await fetch(services.upload, { method: "POST", body: data });
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      const answer = isJson ? await response.json() : { error: "送れませんでした。ファイルが大きすぎるか、ログインが切れています。" };
      if (use !== wanted || !dialog.open) return; // closed meanwhile: another image is asked for, or none
      if (answer.error) error.textContent = answer.error;
      else chosen({ ...answer.image, markdown: answer.markdown });
    } catch {
      if (use === wanted) error.textContent = "送れませんでした。通信を確かめて、もう一度押してください。";
    } finally {
      button.disabled = false;
    }
  }

  async function find(number) {
    page = number;
    const mine = (asked += 1);
    const query = new URLSearchParams({ q: part("search").value, page });
    try {
      const response = await fetch(`${services.images}?${query}`);
      const answer = await response.json();
      if (mine !== asked) return;
      if (page === 1) part("found").replaceChildren();
      part("found").append(...(answer.images || []).map(item));
      part("more").hidden = !answer.more;
      part("status").textContent = answer.error || (part("found").children.length ? "" : "画像がありません。");
    } catch {
      part("status").textContent = "一覧を取りに行けません。通信を確かめてください。";
    }
  }

  function item(image) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = image.label;
    button.addEventListener("click", () => chosen(image));
    const picture = document.createElement("img");
    Object.assign(picture, { src: image.url, alt: image.label, loading: "lazy", width: 120, height: 90 });
    button.append(picture);
    const row = document.createElement("li");
    row.append(button);
    return row;
  }

  const intoText = (image) => area.dispatchEvent(new CustomEvent("editor:insert", { detail: image.markdown }));
  const isImage = (file) => file.type.startsWith("image/");

  /** Ask for the words of each image in turn; closing the dialog leaves that one out and goes on to the next. */
  function takeInTurn(files, warning, number = 1) {
    const file = files[number - 1];
    const title = files.length > 1 ? `本文に画像を入れる（${number}/${files.length}）` : "本文に画像を入れる";
    const next = (words) => {
      if (number < files.length) takeInTurn(files, words, number + 1);
    };
    const taken = (image) => {
      intoText(image);
      next("");
    };
    open(title, taken, { file, warning, skipped: file && (() => next(`${file.name} は入れませんでした。`)) });
  }

  function take(event, transfer) {
    const files = [...transfer.files];
    if (!files.length) return;
    event.preventDefault(); // a browser would leave the page for a file that is dropped
    const others = files.filter((file) => !isImage(file)).map((file) => file.name);
    takeInTurn(files.filter(isImage), others.length ? `画像ではないので入れられません：${others.join("、")}` : "");
  }

  /** Word and Excel copy a picture of the text along with it. */
  function hasWords(transfer) {
    const html = new DOMParser().parseFromString(transfer.getData("text/html"), "text/html");
    return html.body.textContent.trim() !== "";
  }

  upload.addEventListener("submit", send);
  upload.elements.decorative.addEventListener("change", describe);
  part("more").addEventListener("click", () => find(page + 1));
  part("search").addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(() => find(1), 300);
  });
  part("search").addEventListener("compositionend", () => find(1));
  dialog.addEventListener("close", () => {
    if (dialog.open) return; // for the next image
    opener?.focus();
    returnToPlace();
    dialog.remove();
    const next = skip;
    skip = null;
    next?.();
  });
  area.addEventListener("editor:image", () => open("本文に画像を入れる", intoText));
  area.addEventListener("paste", (event) => {
    if (!hasWords(event.clipboardData)) take(event, event.clipboardData);
  });
  area.addEventListener("drop", (event) => take(event, event.dataTransfer));
  area.addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.items].some((dragged) => dragged.kind === "file")) event.preventDefault();
  });

  /** A field's plain list becomes a picture and two buttons. */
  function chooser(list) {
    const name = form.querySelector(`label[for="${list.id}"]`).textContent;
    const shown = document.createElement("img");
    shown.className = "chosen-picture";
    shown.alt = "";
    const label = document.createElement("span");
    const [choose, remove] = ["選ぶ", "外す"].map((text) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = text;
      return button;
    });
    remove.setAttribute("aria-label", `${name}を外す`);

    function show() {
      const option = list.selectedOptions[0];
      shown.hidden = !option?.dataset.src;
      if (option?.dataset.src) shown.src = option.dataset.src;
      label.textContent = list.value ? option.textContent : "まだ選んでいません。";
      choose.textContent = list.value ? "選び直す" : `${name}を選ぶ`;
      remove.hidden = !list.value;
    }

    function set(image) {
      if (image && ![...list.options].some((option) => option.value === image.hash)) {
        const option = new Option(image.label, image.hash);
        option.dataset.src = image.url;
        list.add(option);
      }
      list.value = image ? image.hash : "";
      show();
      list.dispatchEvent(new Event("input", { bubbles: true }));
    }

    list.addEventListener("change", show);
    choose.addEventListener("click", () => open(`${name}を選ぶ`, set));
    remove.addEventListener("click", () => {
      set(null);
      choose.focus();
    });
    const box = document.createElement("div");
    box.className = "chosen-box";
    box.append(shown, label, choose, remove);
    list.hidden = true;
    list.after(box);
    choose.id = list.id;
    list.removeAttribute("id");
    show();
  }

  form.querySelectorAll("select[data-pictures]").forEach(chooser);
})();
