// Three variants or more as a table: a column a variant, a row a choice. The same controls as on the cards, only narrower.

import { chips, drawn, refusals, top } from "./cards.js";
import { choice, concerns, details, mark } from "./choices.js";
import { named } from "./controls.js";
import { h } from "./dom.js";
import { LETTERS, page } from "./page.js";
import { t } from "./words.js";

/** The table of all variants: {element, update()}. */
export function table() {
  const updates = [];
  const columns = page.variants.map((_, index) => index);
  const cell =
    (make, tag = "td") =>
    (index) => {
      const made = make(index);
      updates.push(made.update);
      return h(tag, { "data-letter": LETTERS[index], ...(tag === "th" && { scope: "col" }) }, made.element);
    };
  const plain = (key, make) => h("tr", {}, h("th", { scope: "row", text: () => t(key) }), columns.map(cell(make)));
  const head = h(
    "tr",
    {},
    h("th", {}, h("span", { class: "unseen", text: () => t("choice") })),
    columns.map(cell(top, "th")),
  );
  const rows = page.fields.choices.map((row) => line(row, columns, updates));
  const body = h("tbody", {}, plain("costs", both), rows, plain("details_short", details), plain("diagram", drawn));
  const element = h("section", { class: "card table" }, h("table", {}, h("thead", {}, head), body));
  return { element, update: () => updates.forEach((update) => update()) };
}

function both(index) {
  const [numbers, reasons] = [chips(index), refusals(index)];
  return {
    element: h("div", {}, numbers.element, reasons.element),
    update: () => (numbers.update(), reasons.update()),
  };
}

function line(row, columns, updates) {
  const element = h("tr", { "data-axis": row.name }, h("th", { scope: "row" }, named(row)));
  for (const index of columns) {
    const made = choice(row, index, true);
    const cell = h("td", { "data-letter": LETTERS[index] }, made.element);
    element.append(cell);
    updates.push(() => {
      made.update();
      mark(cell, index, concerns(row.axes));
      if (index === 0) element.classList.toggle("changed", cell.classList.contains("changed"));
    });
  }
  return element;
}
