// "Try this": experiments whose effect nobody can miss. A press brings one up and trains it.

import { fill, h } from "./dom.js";
import { help } from "./help.js";
import { bring } from "./page.js";
import { pick, t } from "./words.js";

/** `train(says)` is called once the choices of the pressed one stand, with what there is to be seen. */
export function openTries(host, tries, train) {
  host.hidden = !tries.length;
  const buttons = tries.map((each) => {
    const press = () => {
      bring(each);
      train(each.says);
    };
    return help(h("button", { text: () => pick(each.title), onclick: press }), () => ({
      title: pick(each.title),
      help: pick(each.says),
    }));
  });
  fill(host, h("span", { class: "note", text: () => t("try_this") }), buttons);
}
