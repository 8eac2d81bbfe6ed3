// Two systems, and their differences in one sentence.

import { h } from "./dom.js";
import { ask, latest } from "./server.js";
import { onLanguage, pick, t } from "./words.js";

const FIRST = ["gpt-2", "llama-3"];

export function versus(systems) {
  const picker = (index) => {
    const options = systems.map((row) => h("option", { value: row.id, text: `${row.name} · ${row.year}` }));
    const element = h(
      "select",
      { "aria-label": () => t(index ? "systems_other_of_two" : "systems_one_of_two"), onchange: () => renew() },
      options,
    );
    element.value = FIRST[index];
    return element;
  };
  const [one, other] = [picker(0), picker(1)];
  const sentence = h("p", { class: "sentence", "aria-live": "polite" });
  let said = null;
  const show = () => (sentence.textContent = said ? pick(said.sentence ?? said.refusal.text) : t("no_answer"));

  const renew = latest(
    () => ask("difference", { one: one.value, other: other.value }),
    (answer) => {
      said = answer;
      show();
    },
  );

  onLanguage(show);
  renew();
  const pair = h("div", { class: "pair" }, one, h("span", { class: "note", text: () => t("against") }), other);
  return h(
    "section",
    { class: "card versus", "aria-label": () => t("systems_versus") },
    h("h2", { text: () => t("systems_versus") }),
    pair,
    sentence,
  );
}
