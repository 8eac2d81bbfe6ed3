// One of a few words, side by side. Knows no page: whoever uses it says what is chosen, and hears what the visitor chooses.

import { h } from "./dom.js";

let groups = 0; // each has a name of its own, else one would clear another

/** {element, show(value)}. `words` are {value, text}; a text or label given as a function follows the language. */
export function segments({ label, words, chosen, choose }) {
  const name = `segments-${++groups}`;
  const inputs = words.map(({ value }) => h("input", { type: "radio", name, value, onchange: () => choose(value) }));
  const labels = words.map(({ text }, index) => h("label", {}, inputs[index], h("span", { text, "data-text": text })));
  const show = (value) => inputs.forEach((input, index) => (input.checked = words[index].value === value));
  show(chosen);
  return { element: h("div", { class: "seg", role: "radiogroup", "aria-label": label }, labels), show };
}
