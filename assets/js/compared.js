// What the panels of trained variants share: a column a variant in its colour, and the sentence of an empty panel.

import { h } from "./dom.js";
import { letterOf } from "./letters.js";
import { page, training } from "./page.js";
import { ready, trained } from "./trained.js";
import { pick, t } from "./words.js";

export const nameOf = (variant) => pick(page.results?.variants[variant]?.title);

/** "A GPT-2" in the variant's colour; `more` stands at its right end. */
export const heading = (variant, ...more) =>
  h(
    "div",
    { class: "who" },
    h("span", { class: "tag", text: letterOf(variant), "aria-hidden": "true" }),
    h("b", { text: nameOf(variant) }),
    more,
  );

/** A column of one variant. */
export const column = (variant, ...children) =>
  h(
    "div",
    {
      class: "column",
      role: "group",
      "data-letter": letterOf(variant),
      "aria-label": `${letterOf(variant)} ${nameOf(variant)}`,
    },
    heading(variant),
    children.flat(),
  );

/** Why there is nothing to show yet, or null where there is something: the same for every panel of trained variants. */
export function nothingYet(what) {
  if (ready().length) return null;
  if (training()) return t("panel_training", { what });
  return page.results?.live && trained.variants.length
    ? t("panel_no_models", { what })
    : t("panel_train_first", { what });
}

/** The sentence in place of a panel's content; `shape` is the class of what will stand there, so that it takes as much room. */
export const placeholder = (sentence, shape = "") => h("p", { class: `nothing ${shape}`, text: sentence });

/** Why this variant alone has nothing to show, where others have. */
export const notYet = () => (training() ? t("panel_still_training") : t("panel_no_model"));

/** The sentence of an empty panel; while training, in a column a variant, as large as what is to come. */
export function emptyColumns(sentence, shape) {
  const variants = training() ? page.results.variants : [];
  return variants.length
    ? variants.map((_, variant) => column(variant, placeholder(sentence, shape), h("p", { class: "readout" })))
    : placeholder(sentence);
}
