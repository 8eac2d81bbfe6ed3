// The compare tab: experiments to try, the variants, the recipe, the results.

import { h } from "../dom.js";
import { LETTERS, add, listen, page } from "../page.js";
import { openRecipe } from "../recipe.js";
import { openResults } from "../results.js";
import { openTraining, startTraining } from "../training.js";
import { invitation } from "../tour.js";
import { openTries } from "../tries.js";
import { openVariants } from "../variants.js";
import { t } from "../words.js";

export const order = 0;
export const title = () => t("compare");

export function mount(host, { opened, panels }) {
  const tries = h("section", { class: "tries", "aria-label": () => t("try_this") });
  const more = h("button", { class: "plain add", text: () => `+ ${t("add_variant")}`, onclick: () => add() });
  const top = h("div", { class: "above" }, tries, more);
  const variants = h("section", { "aria-label": () => t("variants"), class: "variants" });
  const bar = h("section", { class: "card bar", "aria-label": () => t("recipe") });
  const columns = h("div", { class: "columns" }, invitation(), top, variants, bar);
  host.append(columns);
  openTries(tries, opened.tries, startTraining);
  openVariants(variants);
  openTraining(openRecipe(bar));
  openResults(columns, panels);
  columns.append(
    h("a", {
      class: "whole-page",
      href: `${location.pathname}${location.search.replace(/[?&]embed=[^&]*/, "").replace(/^&/, "?")}`,
      target: "_blank",
      text: () => t("open_whole"),
    }),
  );
  listen("choices", () => (more.disabled = page.variants.length >= LETTERS.length));
}
