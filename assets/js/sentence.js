// A sentence of the visitor's that trained models are shown: an example until something is typed, and why it is refused.
// Knows no panel.

import { h } from "./dom.js";
import { pick, t } from "./words.js";

/** {elements, text(), suggest(example), bar(barred), takes(said)}; `look(text)` is called when the visitor asks. */
export function sentence(label, look) {
  let typed = false;
  const input = h("input", {
    type: "text",
    maxlength: "2000",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": label,
    placeholder: label,
  });
  const button = h("button", { type: "submit", text: () => t("maps_look") });
  const form = h("form", { class: "asking" }, input, button);
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  input.addEventListener("input", () => (typed = true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look(input.value);
  });

  function suggest(example) {
    if (!typed) input.value = example;
  }

  /** Says why it was refused, null being no answer at all; whether there is something to be shown. */
  function takes(said) {
    const why = said ? said.refusal?.text : t("no_answer");
    refusal.hidden = !why;
    refusal.textContent = pick(why);
    input.setAttribute("aria-invalid", Boolean(why));
    return !why;
  }

  const bar = (barred) => (button.disabled = barred);
  return { elements: [form, refusal], text: () => input.value, suggest, bar, takes };
}
