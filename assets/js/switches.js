// The switches of the charts: what is on the x axis, which curves, smoothed, logarithmic. Remembered by the browser.

import { h } from "./dom.js";
import { page, tell } from "./page.js";
import { segments } from "./segments.js";
import { t } from "./words.js";

const KEY = "playground.shown";

export function openSwitches() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    for (const [name, value] of Object.entries(kept))
      if (typeof page.shown[name] === typeof value) page.shown[name] = value;
  } catch {
    localStorage.removeItem(KEY); // written by hand or cut off: start afresh
  }
}

function set(name, value) {
  page.shown[name] = value;
  localStorage.setItem(KEY, JSON.stringify(page.shown));
  tell("shown");
}

/** One of several words for `name`. */
export function one(name, words, label) {
  const choices = words.map((word) => ({ value: word, text: () => t(`${label}_${word}`) }));
  const choose = (word) => set(name, word);
  return segments({ label: () => t(label), words: choices, chosen: page.shown[name], choose }).element;
}

/** Switches that are on or off. */
export function several(names) {
  const labels = names.map((name) => {
    const input = h("input", { type: "checkbox", checked: page.shown[name], onchange: () => set(name, input.checked) });
    return h("label", {}, input, h("span", { text: () => t(name) }));
  });
  return h("div", { class: "seg many" }, labels);
}
