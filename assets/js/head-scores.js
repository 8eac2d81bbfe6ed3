// What each attention head does, as numbers: a row a head, a column a score; and the heads that have formed, by name.

import { fill, h } from "./dom.js";
import { help } from "./help.js";
import { exact } from "./numbers.js";
import { t } from "./words.js";

const SCORES = ["entropy", "distance", "first", "previous_token", "induction"];
const SHARES = new Set(["first", "previous_token", "induction"]); // of a head's attention: drawn as such
const NAMED = 8; // heads that are called by name; more are counted
const SOURCES = {
  first: "Xiao et al. 2023, arXiv:2309.17453",
  previous_token: "Elhage et al. 2021",
  induction: "Olsson et al. 2022, arXiv:2209.11895",
};
const FORMULAS = {
  entropy: "−Σⱼ aᵢⱼ ln aᵢⱼ",
  distance: "Σⱼ aᵢⱼ (i − j)",
  first: "aᵢ₁",
  previous_token: "aᵢ,ᵢ₋₁",
  induction: "aᵢ,ᵢ₋ᵣ₊₁",
};

let opened = false;

/** The table of the heads shown, [[layer, head], …], of one variant of the answer. */
export function scoresOf(each, heads) {
  const rows = heads.map(([layer, head]) => {
    const numbers = SCORES.map((name) => each.scores[name][layer * each.heads + head]);
    const cells = numbers.map((value, index) =>
      h("td", {
        "data-score": SCORES[index],
        ...(SHARES.has(SCORES[index]) && { class: "share", style: `--share: ${value ?? 0}` }),
        text: value == null ? "–" : value.toFixed(2),
      }),
    );
    return h("tr", {}, h("th", { scope: "row", text: `${layer + 1}.${head + 1}` }), cells);
  });
  const titles = SCORES.map((name) => {
    const word = h("span", { tabindex: "0", text: t(`maps_score_${name}`) });
    help(word, () => ({
      title: t(`maps_score_${name}`),
      help: t(`maps_about_${name}`),
      formula: FORMULAS[name],
      citation: SOURCES[name],
    }));
    return h("th", { scope: "col" }, word);
  });
  const top = h("tr", {}, h("th", { scope: "col", text: t("maps_head") }), titles);
  const table = h(
    "details",
    { class: "data-table head-scores", open: opened },
    h("summary", { text: t("maps_scores") }),
    h("div", { class: "scroll", tabindex: "0" }, h("table", {}, h("thead", {}, top), h("tbody", {}, rows))),
  );
  table.addEventListener("toggle", () => (opened = table.open));
  return table;
}

/** The heads that have a habit, each a button that goes to it: "layer 1 head 3: previous-token head from step 128". */
export function formedOf({ formed, heads }, go) {
  if (!formed.length) return h("p", { class: "note formed", text: t("maps_formed_none") });
  const buttons = formed.slice(0, NAMED).map(({ habit, head, step }) => {
    const [layer, own] = [Math.floor(head / heads), head % heads];
    const text = t(`maps_formed_${habit}`, { layer: layer + 1, head: own + 1, step: exact(step) });
    return h(
      "li",
      {},
      h("button", { class: "plain", "data-habit": habit, "data-step": step, text, onclick: () => go(layer, own) }),
    );
  });
  const more = formed.length > NAMED && h("li", { class: "note", text: `+ ${formed.length - NAMED}` });
  return fill(h("ul", { class: "formed" }), buttons, more);
}
