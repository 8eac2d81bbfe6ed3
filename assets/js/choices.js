// The ten choices of one variant: a row each, made from the configuration's own fields, and the drawer with all others.

import { field, list, named, narrow, radios, toggle } from "./controls.js";
import { h } from "./dom.js";
import { explainButton } from "./explain/dialog.js";
import { help } from "./help.js";
import { choose, page, valueAt } from "./page.js";
import { pick, t } from "./words.js";

/** How the fields for which `about` holds stand: do they differ between the variants, was one refused? */
function standing(index, about) {
  const said = page.described?.variants[index];
  const refused = said?.refusals.some((refusal) => refusal.fields.some(about));
  return { changed: Boolean(said?.differing.some(about)), refused: Boolean(refused) };
}

const is = (path) => (other) => other === path;
export const concerns = (axes) => (path) => axes.includes(path.split(".")[0]);

// Several options in one, joined by ~, have what each of them has.
const has = ({ options }, chosen = "") =>
  options === null || chosen.split("~").some((option) => options.includes(option));

function control(part, index, make) {
  const made = make(part, (word) => choose(index, part.path, word));
  return { ...made, part, update: () => made.refresh(valueAt(index, part.path), standing(index, is(part.path))) };
}

/** The control of one choice: {element, update()}. `narrowly` puts it into a table. */
export function choice(row, index, narrowly = false) {
  const kind = row.kind;
  if (kind === "many") return group(row, index, toggle, "seg many");
  if (kind === "numbers") return group(row, index, numbered, "numbers");
  return worded(row, index, narrowly);
}

// A choice among words, and below it the numbers that the chosen option has on the page.
function worded(row, index, narrowly) {
  const [words, ...numbers] = row.parts;
  const main = control(words, index, narrowly ? list : radios);
  if (!numbers.length) return main;
  const own = numbers.map((part) => control(part, index, numbered));
  const below = h(
    "div",
    { class: "numbers own" },
    own.map((part) => part.element),
  );
  const update = () => {
    main.update();
    const option = page.described?.variants[index]?.options[row.name];
    for (const { element, part, update: renew } of own) {
      element.hidden = !has(part, option);
      renew();
    }
    below.hidden = own.every(({ element }) => element.hidden);
  };
  return { element: h("div", {}, main.element, below), update };
}

function group(row, index, make, style) {
  const parts = row.parts.map((part) => control(part, index, make));
  const element = h(
    "div",
    { class: style, role: "group", "aria-label": () => pick(row.title) },
    parts.map((part) => part.element),
  );
  return { element, update: () => parts.forEach((part) => part.update()) };
}

function numbered(part, say) {
  const made = field(part, say);
  const caption = h("span", { text: () => pick(part.title) });
  const element = help(h("label", {}, made.element, caption), () => ({
    title: pick(part.title),
    help: pick(part.help),
  }));
  const refresh = (value, stands) => {
    made.refresh(value, stands);
    element.classList.toggle("changed", stands.changed);
  };
  return { element, refresh };
}

/** All rows of one variant, for a card. */
export function choices(index) {
  const rows = page.fields.choices.map((row) => {
    const made = choice(row, index);
    const explaining = explainButton(row, index);
    const element = h("div", { class: "axis", "data-axis": row.name }, named(row), made.element, explaining.element);
    return { element, update: () => (made.update(), explaining.update(), mark(element, index, concerns(row.axes))) };
  });
  return {
    element: h(
      "div",
      { class: "axes" },
      rows.map((row) => row.element),
    ),
    update: () => rows.forEach((row) => row.update()),
  };
}

/** Shows on `element` whether a field for which `about` holds differs or was refused. */
export function mark(element, index, about) {
  const { changed, refused } = standing(index, about);
  element.classList.toggle("changed", changed);
  element.classList.toggle("refused", refused);
}

/** The drawer with every other field; it is filled when first opened. */
export function details(index) {
  const grid = h("div", { class: "details-grid" });
  const element = h("details", { class: "details" }, h("summary", { text: () => t("details") }), grid);
  let sections = [];
  element.addEventListener("toggle", () => {
    if (!sections.length) sections = page.fields.details.map((axis) => section(axis, index));
    grid.replaceChildren(...sections.flatMap((each) => each.elements));
    sections.forEach((each) => each.update());
  });
  return { element, update: () => sections.forEach((each) => each.update()) };
}

function section(axis, index) {
  const heading = named(axis, "h3");
  const fields = axis.parts.map((part) => {
    const made = control(part, index, narrow);
    const element = h("div", { class: "field" }, named(part), made.element);
    return { ...made, element };
  });
  const update = () => {
    const option = page.described?.variants[index]?.options[axis.name];
    for (const { element, part, update: renew } of fields) {
      element.hidden = !has(part, option);
      renew();
      mark(element, index, is(part.path));
    }
    heading.hidden = fields.every(({ element }) => element.hidden);
  };
  return { elements: [heading, ...fields.map(({ element }) => element)], update };
}
