"use strict";
// Signing in again without leaving the page: asked for when the server says that the session has ended.
window.signIn = (() => {
  const services = document.querySelector("[data-services]")?.dataset;
  let asking = null;

  /** Open the dialog; resolves to true when the same person is signed in again. One dialog serves all who ask. */
  function signIn() {
    asking ||= openDialog().finally(() => (asking = null));
    return asking;
  }

  /** Whether an answer is the sign-in page that the server leads to, or a service's word for it. */
  function isSignedOut(response) {
    return response.redirected && new URL(response.url).pathname === services.login;
  }

  function openDialog() {
    const opener = document.activeElement;
    const dialog = document.createElement("dialog");
    dialog.className = "sign-in";
    dialog.setAttribute("aria-labelledby", "sign-in-title");
    dialog.innerHTML = `
      <form>
        <h2 id="sign-in-title">もう一度ログインしてください</h2>
        <p>ログインの期限が切れました。書いたものはこの画面に残っています。ログインすると、続きをします。</p>
        <p role="alert" class="sign-in-error" hidden></p>
        <p><label>ユーザー名またはメールアドレス <input name="username" autocomplete="username" required></label></p>
        <p><label>パスワード <input name="password" type="password" autocomplete="current-password" required></label></p>
        <p class="sign-in-buttons">
          <button type="submit" class="button default">ログインする</button>
          <button type="button" class="button" data-later>あとで</button>
        </p>
      </form>`;
    document.body.prepend(dialog);
    const form = dialog.querySelector("form");
    const error = dialog.querySelector("[role=alert]");
    const fail = (sentence) => {
      error.textContent = sentence;
      error.hidden = false;
      form.elements.password.select();
    };
    form.elements.username.value = services.username;
    return new Promise((resolve) => {
      let done = false;
      dialog.addEventListener("close", () => {
        dialog.remove();
        opener?.focus({ preventScroll: true });
        resolve(done);
      });
      dialog.querySelector("[data-later]").addEventListener("click", () => dialog.close());
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const button = form.querySelector("[type=submit]");
        button.disabled = true;
        try {
          const problem = await send(form.elements.username.value, form.elements.password.value);
          done = !problem;
          if (problem) fail(problem);
          else dialog.close();
        } catch {
          fail("サーバーにつながりません。通信を確かめて、もう一度押してください。");
        } finally {
          button.disabled = false;
        }
      });
      dialog.showModal();
      form.elements.password.focus();
    });
  }

  /** Sign in as the sign-in page does; "" when that worked, else what to tell. */
  async function send(username, password) {
    const page = parsed(await (await fetch(services.login)).text());
    const token = page.querySelector("[name=csrfmiddlewaretoken]");
    if (token) {
      const body = new URLSearchParams({ username, password, csrfmiddlewaretoken: token.value });
      const answer = await fetch(services.login, { method: "POST", body });
      if (answer.status === 429) return "ログインの失敗が続いたので、少し待ってから、もう一度試してください。";
      if (!answer.redirected) {
        const told = [...parsed(await answer.text()).querySelectorAll(".errorlist li, [role=alert]")].map((item) => item.textContent.trim());
        return told[0] || "ログインできませんでした。ユーザー名とパスワードを確かめてください。";
      }
    }
    return (await renew()) ? "" : "この画面で書いていた人として、ログインしてください。";
  }

  /** Take the token of the new session into the form; false when nobody, or somebody else, is signed in. */
  async function renew() {
    const answer = await fetch(location.href);
    const page = parsed(await answer.text());
    const there = page.querySelector("[data-services]");
    if (there?.dataset.user !== services.user) return false;
    const token = page.querySelector("#content-main [name=csrfmiddlewaretoken], form [name=csrfmiddlewaretoken]");
    if (token) for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token.value;
    return true;
  }

  /** The answer to `request`, asked again after signing in or with a new token where that is all that was wrong; null when nobody signs in. */
  async function ask(request) {
    const response = await request();
    if (isSignedOut(response)) return (await signIn()) ? request() : null;
    if (response.status === 403 && (await response.clone().text()).includes("data-csrf-failure")) {
      // Somebody else may have signed in meanwhile, in another tab.
      return (await renew()) || (await signIn()) ? request() : null;
    }
    return response;
  }

  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  return Object.assign(signIn, { ask, renew });
})();
