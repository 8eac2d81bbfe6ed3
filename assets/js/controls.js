// One control for one field of the configuration: radios, a list, a number, a switch. Knows no field by name.
//
// A part (made by playground/ui/controls.py) is {path, kind, title, help, words?, on?, options?}; a control is
// {element, refresh(value, {changed, refused})}, and says choose(word) when the visitor chooses.

import { h } from "./dom.js";
import { help } from "./help.js";
import { contract, expand } from "./numbers.js";
import { segments } from "./segments.js";
import { pick, t } from "./words.js";

const helpOf =
  (thing, fallback = {}) =>
  () => ({
    title: pick(thing.title),
    help: pick(thing.help ?? fallback.help),
    formula: thing.formula,
    citation: thing.citation,
  });

/** Radios side by side, for a choice among few. */
export function radios(part, choose, label = part.title) {
  const words = part.words.map((word) => ({ value: word.word, text: () => pick(word.title) }));
  const { element, show } = segments({ label: () => pick(label), words, choose });
  part.words.forEach((word, index) => help(element.children[index], helpOf(word, part)));
  return { element, refresh: show };
}

/** The same choice as a list, where there is less room. */
export function list(part, choose, label = part.title) {
  const options = part.words.map((word) => h("option", { value: word.word, text: () => pick(word.title) }));
  const other = h("option", { hidden: true });
  const element = h(
    "select",
    { "aria-label": () => pick(label), onchange: () => choose(element.value) },
    options,
    other,
  );
  const refresh = (value, { refused } = {}) => {
    const known = part.words.some((word) => word.word === value);
    other.value = other.textContent = known ? "" : value;
    element.value = value;
    element.setAttribute("aria-invalid", Boolean(refused));
  };
  return { element, refresh };
}

/** A number or a short text; an empty one means none. */
export function field(part, choose) {
  const element = h("input", {
    type: "text",
    inputmode: part.kind === "number" ? "decimal" : "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "64",
    "aria-label": () => pick(part.title),
    placeholder: () => (part.optional ? t("automatic") : ""),
    onchange: () => choose(part.kind === "number" ? expand(element.value) || "none" : element.value.trim() || "none"),
  });
  const refresh = (value, { refused } = {}) => {
    element.setAttribute("aria-invalid", Boolean(refused));
    if (document.activeElement !== element || !refused)
      element.value = part.optional && value === "none" ? "" : contract(value);
  };
  return { element, refresh };
}

/** Yes or no. */
function flag(part, choose) {
  const element = h("input", {
    type: "checkbox",
    "aria-label": () => pick(part.title),
    onchange: () => choose(element.checked ? "on" : "off"),
  });
  return { element, refresh: (value) => (element.checked = value === "on") };
}

/** A segment that is on or off; what "on" means stands in the part. */
export function toggle(part, choose) {
  const input = h("input", { type: "checkbox", onchange: () => choose(input.checked ? part.on : "none") });
  const value = h("span", { text: () => pick(part.title) });
  const element = help(h("label", {}, input, value), helpOf(part));
  const refresh = (word) => {
    input.checked = word !== "none" && word !== "";
    // Off, it offers the usual value; on, switching it off and on again gives back what was there.
    if (input.checked) part = { ...part, on: word };
  };
  return { element, refresh };
}

const KINDS = { words: list, number: field, text: field, flag };

/** The control for `part` in a narrow place: a drawer or a table. */
export const narrow = (part, choose) => KINDS[part.kind](part, choose);

/** A name with help, for the left of a control. */
export const named = (thing, tag = "span") =>
  help(h(tag, { class: "name", text: () => pick(thing.title) }), helpOf(thing));
