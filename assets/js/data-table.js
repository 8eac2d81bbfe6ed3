// Numbers as a table under a head of words; folded, it says what a picture shows to those who cannot see it. Knows no panel.

import { fill, h } from "./dom.js";
import { t } from "./words.js";

/** A table whose columns are called by `keys` of the catalogue, over rows that are made already. */
export function dataTable(keys, rows, props = {}) {
  const heads = keys.map((key) => h("th", { scope: "col", text: t(key) }));
  return h("table", props, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
}

/** {element, renew()}: `rows()` are lists of words, the first a variant's letter; asked for only while it is unfolded. */
export function foldedTable(summary, keys, rows) {
  const host = h("div", { class: "scroll" });
  const element = h("details", { class: "data-table", hidden: true }, h("summary", { text: summary }), host);
  const renew = () => {
    if (element.open && !element.hidden) fill(host, dataTable(keys, rows().map(row)));
  };
  element.addEventListener("toggle", renew);
  return { element, renew };
}

function row(words) {
  const cells = words.map((text, index) => h("td", { class: index ? "" : "in-colour", text: String(text) }));
  return h("tr", { "data-letter": words[0] }, cells);
}
