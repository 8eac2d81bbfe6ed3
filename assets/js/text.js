// The visitor's own text: pasted or uploaded, sent to the server once, refused with a reason, nothing lost.

import { h } from "./dom.js";
import { notice } from "./notices.js";
import { bytes, exact } from "./numbers.js";
import { owner } from "./owner.js";
import { chooseRecipe, page } from "./page.js";
import { ask } from "./server.js";
import { pick, t } from "./words.js";

export function openText() {
  let file = null;
  const area = h("textarea", { "aria-label": () => t("your_text"), placeholder: () => t("paste_here"), spellcheck: "false" });
  const input = h("input", { type: "file", accept: ".txt,text/plain", class: "unseen", onchange: () => take(input.files[0]) });
  const says = h("span", { text: () => (file ? `${file.name} · ${bytes(file.size)}` : t("drop_here", { limit: bytes(page.limits.upload_bytes) })) });
  const drop = h("label", { class: "drop" }, input, h("b", { text: () => t("choose_file") }), says);
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  const use = h("button", { class: "primary", text: () => t("use_text"), onclick: () => send() });
  const close = h("button", { text: () => t("cancel"), onclick: () => dialog.close() });
  const body = h("div", { class: "your-text" }, h("h2", { text: () => t("your_text") }), area, drop, refusal, h("div", { class: "row" }, use, close));
  const dialog = h("dialog", { "aria-label": () => t("your_text") }, body);

  function take(chosen) {
    file = chosen ?? null;
    input.value = ""; // the same file, mended, can be chosen again
    says.textContent = file ? `${file.name} · ${bytes(file.size)}` : t("drop_here", { limit: bytes(page.limits.upload_bytes) });
    refuse("");
  }

  function refuse(sentence) {
    refusal.hidden = !sentence;
    refusal.textContent = sentence;
  }

  async function send() {
    const content = file ?? new Blob([area.value]);
    if (content.size > page.limits.upload_bytes) return refuse(t("text_too_long", { size: bytes(content.size), limit: bytes(page.limits.upload_bytes) }));
    use.disabled = true;
    try {
      const name = file?.name ?? t("your_text");
      const encoded = await base64(content).catch(() => null);
      if (encoded == null) return refuse(t("file_unreadable", { name }));
      const said = await ask("keep_text", { owner: owner(), name, content: encoded });
      if (said.refusal) return refuse(pick(said.refusal.text));
      if (page.hash && page.hash !== said.hash) notice(t("other_text"), true);
      page.text = said;
      chooseRecipe("recipe.data", page.fields.own_text);
      page.hash = said.hash;
      notice(t("text_kept", { name: said.name, characters: exact(said.characters) }));
      dialog.close();
    } catch {
      refuse(t("no_answer"));
    } finally {
      use.disabled = false;
    }
  }

  area.addEventListener("input", () => take(null));
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", over);
      if (name === "drop") take(event.dataTransfer.files[0]);
    });
  }
  document.querySelector("#playground").append(dialog);
  return { show: () => (refuse(""), dialog.showModal()) };
}

async function base64(blob) {
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
