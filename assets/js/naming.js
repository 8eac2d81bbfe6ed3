// What a variant is called among what is chosen, and a choice among the controls.

import { page } from "./page.js";
import { pick } from "./words.js";

/** What a variant is called: its system's name, starred where something was changed. */
export function nameOf(variant) {
  const system = page.systems.find((each) => each.id === variant.system);
  const changed = Object.keys(variant.changes).some((path) => path !== "shape.context");
  return `${system?.name ?? variant.system}${changed ? " *" : ""}`;
}

const partsOf = (path) => {
  const { choices, details, recipe } = page.fields;
  return [...choices, ...details]
    .flatMap((axis) => axis.parts)
    .concat(recipe)
    .filter((part) => part.path === path);
};
const titled = (path, word) =>
  partsOf(path)
    .flatMap(({ words = [] }) => words)
    .find((each) => each.word === word)?.title;

/** What a word is called among those that the control at `path` offers; itself where it is none of them. */
export const wordOf = (path, word) => pick(titled(path, word)) || word;

/** A choice in the words of its control: "RMSNorm", "Placement post", "Warmup 100"; as links spell it where it has no control. */
export function spoken(path, word) {
  const [part] = partsOf(path);
  if (!part) return `${path}=${word}`;
  const named = /^[A-Z]/.test(titled(path, word)?.en ?? ""); // names such as RMSNorm say themselves what they are
  return named ? wordOf(path, word) : `${pick(part.title)} ${wordOf(path, word)}`;
}
