// What a variant is called among what is chosen, and a choice among the controls.

import { page } from "./page.js";
import { pick } from "./words.js";

/** What a variant is called: its system's name, starred where something was changed. */
export function nameOf(variant) {
  const system = page.systems.find((each) => each.id === variant.system);
  const changed = Object.keys(variant.changes).some((path) => path !== "shape.context");
  return `${system?.name ?? variant.system}${changed ? " *" : ""}`;
}

/** A choice in the words of its control: "RMSNorm", "Placement post", "Warmup 100"; as links spell it where it has no control. */
export function spoken(path, word) {
  const { choices, details, recipe } = page.fields;
  const parts = [...choices, ...details].flatMap((axis) => axis.parts).concat(recipe).filter((part) => part.path === path);
  if (!parts.length) return `${path}=${word}`;
  const said = parts.flatMap(({ words = [] }) => words).find((each) => each.word === word);
  const named = said && /^[A-Z]/.test(said.title.en); // names such as RMSNorm say themselves what they are
  return named ? pick(said.title) : `${pick(parts[0].title)} ${said ? pick(said.title) : word}`;
}
