// "Put into A": the buttons that make a published system, as its tiny twin, one of the variants.

import { fill, h } from "./dom.js";
import { help } from "./help.js";
import { notice } from "./notices.js";
import { LETTERS, chooseSystem, fold, page } from "./page.js";
import { showTab } from "./tabs.js";
import { pick, t } from "./words.js";

/** The buttons of `row` of the catalogue, one a variant, pressed where the variant is just that: {element, update()}. */
export function putting(row) {
  const element = h("span", {
    class: "putting",
    role: "group",
    "aria-label": () => t("systems_put", { name: row.name }),
  });
  const update = () => {
    if (element.childElementCount !== page.variants.length)
      fill(
        element,
        page.variants.map((_, index) => button(row, index)),
      );
    [...element.children].forEach((each, index) => {
      each.setAttribute("aria-pressed", is(page.variants[index], row));
      each.setAttribute("aria-label", label(row, index));
    });
  };
  update();
  return { element, update };
}

const barred = (row) => row.reading.word === "table_only";
const label = (row, index) => t("systems_put_into", { name: row.name, letter: LETTERS[index] });
const reason = (row) => t("systems_cannot_put", { name: row.name, why: pick(row.left_out) });

function is(variant, row) {
  return variant.system === row.id && Object.keys(variant.changes).every((path) => path === "shape.context");
}

// One that cannot be pressed can still be reached, so that everybody learns why.
function button(row, index) {
  const element = h("button", {
    class: "letter",
    "data-letter": LETTERS[index],
    text: LETTERS[index],
    "aria-disabled": String(barred(row)),
    onclick: () => put(row, index),
  });
  return help(element, () => ({ title: label(row, index), help: barred(row) ? reason(row) : t("systems_put_help") }));
}

function put(row, index) {
  if (barred(row)) return notice(reason(row), true);
  chooseSystem(index, row.id);
  toCompare(index);
}

/** Shows the variants, `index` in front on a phone. */
export function toCompare(index = 0) {
  page.active = index;
  for (const dialog of document.querySelectorAll("#playground dialog[open]")) dialog.close();
  fold(false);
  showTab("compare", { top: true });
}
