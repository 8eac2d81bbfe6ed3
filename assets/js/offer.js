// A dialog that takes text: pasted, chosen as a file, or dropped. What becomes of it, or why it cannot be used, its maker says.

import { h } from "./dom.js";
import { bytes } from "./numbers.js";
import { t } from "./words.js";

/**
 * `words` are functions: title, paste, choose, hint, use. `send(blob, name)` gives the sentence of a refusal, or nothing, and then
 * the dialog closes; `extra` stands above the buttons. Returns {show()}.
 */
export function openOffer({ words, accept, extra = null, send }) {
  let file = null;
  const area = h("textarea", { "aria-label": words.title, placeholder: words.paste, spellcheck: "false" });
  const input = h("input", { type: "file", accept, class: "unseen", onchange: () => take(input.files[0]) });
  const says = h("span", { text: () => (file ? `${file.name} · ${bytes(file.size)}` : words.hint()) });
  const drop = h("label", { class: "drop" }, input, h("b", { text: words.choose }), says);
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  const use = h("button", { class: "primary", text: words.use, onclick: () => go() });
  const close = h("button", { text: () => t("cancel"), onclick: () => dialog.close() });
  const body = h(
    "div",
    { class: "your-text" },
    h("h2", { text: words.title }),
    area,
    drop,
    extra,
    refusal,
    h("div", { class: "row" }, use, close),
  );
  const dialog = h("dialog", { "aria-label": words.title }, body);

  function take(chosen) {
    file = chosen ?? null;
    input.value = ""; // the same file, mended, can be chosen again
    says.textContent = file ? `${file.name} · ${bytes(file.size)}` : words.hint();
    refuse("");
  }

  function refuse(sentence) {
    refusal.hidden = !sentence;
    refusal.textContent = sentence;
  }

  async function go() {
    use.disabled = true;
    try {
      const refused = await send(file ?? new Blob([area.value]), file?.name ?? words.title());
      if (refused) refuse(refused);
      else dialog.close();
    } catch {
      refuse(t("no_answer"));
    } finally {
      use.disabled = false;
    }
  }

  area.addEventListener("input", () => take(null));
  for (const [name, over] of [
    ["dragover", true],
    ["dragleave", false],
    ["drop", false],
  ]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", over);
      if (name === "drop") take(event.dataTransfer.files[0]);
    });
  }
  document.querySelector("#playground").append(dialog);
  return { show: () => (refuse(""), dialog.showModal()) };
}
