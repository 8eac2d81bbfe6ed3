// "Which change did it?": the button that trains the ladder between the two variants of the experiment shown.

import { h } from "./dom.js";
import { help } from "./help.js";
import { bring, page, training } from "./page.js";
import { startTraining } from "./training.js";
import { t } from "./words.js";

const FEWEST = 2; // changes: with one there is nothing to ask

/** The button, where the experiment shown is over and of two variants that differ in more than one choice; else null. */
export function whichChange() {
  const { results } = page;
  if (!results?.live || training() || !(results.changes >= FEWEST)) return null;
  const press = () => {
    bring({ ...results.chosen, form: { kind: "ladder" } });
    startTraining();
  };
  const button = h("button", { class: "which-change", text: t("which_change"), onclick: press });
  return help(button, () => ({
    title: t("which_change"),
    help: t("which_change_help", { count: results.changes, variants: 2 * results.changes }),
  }));
}
