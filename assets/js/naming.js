// What a variant is called among what is chosen.

import { page } from "./page.js";

/** What a variant is called: its system's name, starred where something was changed. */
export function nameOf(variant) {
  const system = page.systems.find((each) => each.id === variant.system);
  const changed = Object.keys(variant.changes).some((path) => path !== "shape.context");
  return `${system?.name ?? variant.system}${changed ? " *" : ""}`;
}
