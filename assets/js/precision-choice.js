// In which precision the exported files write: one that every variant has a file of. Knows no server.

import { h } from "./dom.js";
import { help } from "./help.js";
import { ready } from "./trained.js";
import { t } from "./words.js";

const NAMES = ["fp32", "fp16", "int8", "int4"];

/** {element, update(), given()}: fewer bits can be chosen once their files are there. */
export function precisionChoice() {
  const select = h("select", { name: "precision" });
  const label = h(
    "label",
    { class: "bar-field" },
    h("span", { class: "name", text: () => t("says_precision") }),
    select,
  );
  const element = help(label, () => ({ title: t("says_precision"), help: t("says_help_precision") }));
  const there = (name) =>
    name === "fp32" || (ready().length > 0 && ready().every((each) => each.precisions.includes(name)));

  function update() {
    const chosen = there(select.value) ? select.value : "fp32";
    const shown = NAMES.filter((name) => name !== "fp16" || there(name));
    select.replaceChildren(...shown.map((name) => h("option", { value: name, text: name, disabled: !there(name) })));
    select.value = chosen;
  }
  update();
  return { element, update, given: () => ({ precision: select.value }) };
}
