// "Try this": experiments whose effect nobody can miss. A press brings one up and trains it.

import { fill, h } from "./dom.js";
import { help } from "./help.js";
import { page, tell } from "./page.js";
import { pick, t } from "./words.js";

/** `train(says)` is called once the choices of the pressed one stand, with what there is to be seen. */
export function openTries(host, tries, train) {
  host.hidden = !tries.length;
  const buttons = tries.map((each) => {
    const bring = () => {
      page.variants = each.variants.map(({ system, changes }) => ({ system, changes: { ...changes } }));
      page.recipe = { ...each.recipe };
      Object.assign(page, { seeds: each.seeds, match: each.match, hash: each.hash, active: 0 });
      tell("choices");
      train(each.says);
    };
    return help(h("button", { text: () => pick(each.title), onclick: bring }), () => ({ title: pick(each.title), help: pick(each.says) }));
  });
  fill(host, h("span", { class: "note", text: () => t("try_this") }), buttons);
}
