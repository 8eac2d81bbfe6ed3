// The variants together: the sentence of differences, tabs on a phone, cards or table, or a line each when folded.

import { card } from "./cards.js";
import { nameOf } from "./naming.js";
import { showCode } from "./code.js";
import { fill, h } from "./dom.js";
import { bytes, exact } from "./numbers.js";
import { LETTERS, add, fold, listen, page, tell } from "./page.js";
import { table } from "./table.js";
import { onLanguage, pick, t } from "./words.js";

let shown = null;

export function openVariants(host) {
  const sentence = h("div", { class: "difference", "aria-live": "polite" });
  const tabs = h("div", { class: "tabs", role: "tablist" });
  const cards = h("div", {});
  const folded = h("div", { class: "folded" });
  host.append(sentence, tabs, cards, folded);
  const rebuild = () => {
    shown = page.variants.length > 2 ? [table()] : page.variants.map((_, index) => card(index));
    cards.className = page.variants.length > 2 ? "" : `cards${page.variants.length === 1 ? " one" : ""}`;
    fill(
      cards,
      shown.map((each) => each.element),
    );
    cards.dataset.count = page.variants.length;
  };
  const renew = () => {
    if (Number(cards.dataset.count) !== page.variants.length) rebuild();
    shown.forEach((each) => each.update());
    fill(sentence, difference());
    fill(tabs, phoneTabs());
    fill(
      folded,
      page.variants.map((variant, index) => line(variant, index)),
    );
    for (const part of [cards, sentence, tabs]) part.hidden = page.folded;
    folded.hidden = !page.folded;
  };
  for (const kind of ["choices", "described", "folded"]) listen(kind, renew);
  onLanguage(renew);
}

function difference() {
  const said = page.described;
  if (!said) return [];
  const parts = [];
  said.differences.forEach(({ letter, base, pills }) => {
    parts.push(h("b", { text: base }), h("span", { text: nameOf(page.variants[LETTERS.indexOf(base)]) }));
    parts.push(h("span", { text: t("against") }), h("b", { text: letter }));
    parts.push(h("span", { text: `${nameOf(page.variants[LETTERS.indexOf(letter)])}${t("colon")}` }));
    parts.push(
      ...(pills.length
        ? pills.map((pill) => h("span", { class: "pill", text: pick(pill) }))
        : [h("span", { text: t("no_difference") })]),
    );
    if (pills.length)
      parts.push(
        h("button", {
          text: t("code_differs"),
          onclick: () => showCode(LETTERS.indexOf(base), LETTERS.indexOf(letter)),
        }),
      );
    parts.push(h("span", { class: "break" }));
  });
  return parts;
}

function phoneTabs() {
  const tabs = page.variants.map((variant, index) =>
    h("button", {
      role: "tab",
      "data-letter": LETTERS[index],
      "aria-selected": String(index === page.active),
      text: `${LETTERS[index]} ${nameOf(variant)}`,
      onclick: () => ((page.active = index), tell("described")),
    }),
  );
  const more = h("button", { class: "add", text: "+", "aria-label": t("add_variant"), onclick: () => add() });
  return page.variants.length < LETTERS.length ? [...tabs, more] : tabs;
}

function line(variant, index) {
  const said = page.described?.variants[index];
  const pills = (said?.pills ?? []).map((pill) => h("span", { class: "pill", text: pick(pill) }));
  const costs = said?.costs;
  const numbers = costs
    ? [
        t("folded_parameters", { parameters: exact(costs.parameters) }),
        t("folded_cache", { cache: bytes(costs.cache) }),
      ]
    : [];
  return h(
    "section",
    { class: "card fold", "data-letter": LETTERS[index] },
    h("span", { class: "tag", text: LETTERS[index], "aria-hidden": "true" }),
    h("b", { text: nameOf(variant) }),
    numbers.map((text, place) => h("span", { class: place ? "note fold-cache" : "note", text })),
    h("span", { class: "pills" }, pills),
    h("button", {
      text: t("edit"),
      "aria-label": t("edit_of", { letter: LETTERS[index] }),
      onclick: () => ((page.active = index), fold(false)),
    }),
  );
}
