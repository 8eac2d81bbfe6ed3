// The letter and the colour by which a variant is known wherever it is shown.

import { LETTERS } from "./page.js";

/** The letter of the variant in place `index`, of what is chosen or of an experiment without a form. */
export const letterOf = (index) => LETTERS[index] ?? String(index + 1);

/** The name of its colour. */
export const hueOf = (index) => letterOf(index).toLowerCase();

/** The letter of a variant of `results`: of a form that of the variant it was made of. */
export const letterIn = (results, index) => results.variants[index]?.letter ?? LETTERS[index] ?? "D";

/** The name of its colour there: of options that are swept alone each has its own, else that of its letter. */
export const hueIn = (results, index) => results.variants[index]?.hue ?? letterIn(results, index).toLowerCase();
