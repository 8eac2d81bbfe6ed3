// Which layers and heads are on the page: one, all of them, or a page of them where there are many.

import { h } from "./dom.js";
import { segments } from "./segments.js";
import { t } from "./words.js";

const SIDE = 8; // layers, and heads, of a page that shows both
const MOST = SIDE * SIDE; // maps of a page
const FEW = 12; // choices that are shown beside each other

export const chosen = { layer: null, head: null }; // null: all of them
const first = { layer: 0, head: 0 }; // where the page begins

const size = (what) => (chosen[what === "layer" ? "head" : "layer"] === null ? SIDE : MOST);

/** Keeps what is chosen within what there is: `most` = {layer, head}. */
export function within(most) {
  for (const what of ["layer", "head"]) {
    if (chosen[what] >= most[what]) chosen[what] = null;
    if (first[what] >= most[what]) first[what] = 0;
  }
}

/** The numbers of the layers or heads on the page, of a variant that has `count`; all have to look at the same ones. */
export function onPage(what, count) {
  if (chosen[what] !== null) return chosen[what] < count ? [chosen[what]] : [];
  return [...Array(count).keys()].slice(first[what], first[what] + size(what));
}

/** Goes to one head of one layer. */
export const goTo = (layer, head) => Object.assign(chosen, { layer, head });

/** A switch for layers or heads, and where there are too many, the buttons that turn the page. */
export function picker(what, count, turned) {
  const choose = (value) => {
    chosen[what] = value;
    turned(what);
  };
  const choice = count > FEW ? list(what, count, choose) : few(what, count, choose);
  return [
    h("span", { class: "pick" }, h("span", { class: "note", text: t(`maps_${what}`) }), choice),
    pager(what, count, turned),
  ];
}

const values = (count) => [...(count > 1 ? [null] : []), ...Array(count).keys()];
const word = (value) => (value === null ? t("maps_all") : String(value + 1));

function few(what, count, choose) {
  const words = values(count).map((value) => ({ value, text: word(value) }));
  const { element } = segments({ label: t(`maps_${what}`), words, chosen: count > 1 ? chosen[what] : 0, choose });
  element.dataset.pick = what;
  return element;
}

function list(what, count, choose) {
  const options = values(count).map((value) =>
    h("option", { value: value ?? "", selected: chosen[what] === value, text: word(value) }),
  );
  const select = h("select", { "data-pick": what, "aria-label": t(`maps_${what}`) }, options);
  select.addEventListener("change", () => choose(select.value === "" ? null : Number(select.value)));
  return select;
}

function pager(what, count, turned) {
  const step = size(what);
  if (chosen[what] !== null || count <= step) return null;
  const turn = (by) => {
    first[what] += by;
    turned(what);
  };
  const told = t(`maps_page_${what}`, { first: first[what] + 1, last: Math.min(count, first[what] + step), count });
  const button = (sign, by, key, barred) =>
    h("button", {
      class: "icon",
      "data-turn": by,
      text: sign,
      "aria-label": t(key),
      disabled: barred,
      onclick: () => turn(by),
    });
  return h(
    "span",
    { class: "pick pager", "data-pages": what },
    button("‹", -step, "maps_previous_page", first[what] === 0),
    h("span", { class: "note", text: told }),
    button("›", step, "maps_next_page", first[what] + step >= count),
  );
}
