// A card a variant: system, chips, diagram, the ten choices, the drawer. Built once, then only renewed.

import { choices, details } from "./choices.js";
import { h } from "./dom.js";
import { bytes, exact, short } from "./numbers.js";
import { LETTERS, add, chooseSystem, page, remove, swap } from "./page.js";
import { pick, t } from "./words.js";

const CHIPS = [
  ["parameters", exact, "chip_parameters"],
  ["flops", (number) => short(number), "chip_flops"],
  ["cache", bytes, "chip_cache"],
  ["memory", bytes, "chip_memory"],
];

/** What a variant is called: its system's name, starred where something was changed. */
export function nameOf(variant) {
  const system = page.systems.find((each) => each.id === variant.system);
  const changed = Object.keys(variant.changes).some((path) => path !== "shape.context");
  return `${system?.name ?? variant.system}${changed ? " *" : ""}`;
}

/** The picker of a system, and the menu beside it. */
export function top(index) {
  const options = page.systems.map((system) =>
    h("option", { value: system.id, text: () => `${system.name} · ${system.year} · ${t("tiny_twin")}` }),
  );
  const picker = h("select", { "aria-label": () => t("system_of", { letter: LETTERS[index] }), onchange: () => chooseSystem(index, picker.value) }, options);
  const element = h("div", { class: "top" }, h("span", { class: "tag", text: LETTERS[index], "aria-hidden": "true" }), picker, menu(index));
  return { element, update: () => (picker.value = page.variants[index].system) };
}

function menu(index) {
  const items = [
    ["duplicate", () => add(index), () => page.variants.length >= LETTERS.length],
    ["swap", () => swap(index), () => page.variants.length < 2],
    ["remove", () => remove(index), () => page.variants.length < 2],
  ];
  const panel = h("div", { class: "menu", role: "menu", hidden: true });
  const button = h("button", { class: "icon", text: "⋯", "aria-label": () => t("more_of", { letter: LETTERS[index] }), "aria-haspopup": "menu", "aria-expanded": "false" });
  const open = (shown) => {
    panel.hidden = !shown;
    button.setAttribute("aria-expanded", shown);
    if (!shown) return;
    panel.replaceChildren(...items.map(([key, act, barred]) => h("button", { role: "menuitem", text: t(key), disabled: barred(), onclick: act })));
    panel.querySelector("button:not(:disabled)")?.focus();
  };
  button.addEventListener("click", () => open(panel.hidden));
  const element = h("div", {}, button, panel);
  element.addEventListener("focusout", (event) => element.contains(event.relatedTarget) || open(false));
  element.addEventListener("keydown", (event) => event.key === "Escape" && (open(false), button.focus()));
  panel.addEventListener("click", () => open(false));
  return element;
}

/** The four numbers of a variant. */
export function chips(index) {
  const numbers = CHIPS.map(([name, write, key]) => {
    const value = h("b", { text: "–" });
    return { name, write, value, element: h("span", { class: "chip", "data-chip": name }, value, h("span", { text: () => t(key) })) };
  });
  const update = () => {
    const costs = page.described?.variants[index]?.costs;
    for (const { name, write, value } of numbers) if (costs) value.textContent = write(costs[name]);
  };
  return { element: h("div", { class: "chips" }, numbers.map(({ element }) => element)), update };
}

/** Why a variant cannot be built, in words. */
export function refusals(index) {
  const element = h("div", { class: "refusal", role: "alert", hidden: true });
  const update = () => {
    const said = page.described?.variants[index]?.refusals ?? [];
    element.hidden = !said.length;
    element.replaceChildren(...said.map((refusal) => h("p", { text: () => pick(refusal.text) })));
  };
  return { element, update };
}

/** The block diagram, drawn by the server. */
export function diagram(index) {
  const element = h("div", { class: "picture" });
  let drawn = "";
  const update = () => {
    const said = page.described?.variants[index];
    if (!said) return;
    element.classList.toggle("stale", said.refusals.length > 0);
    if (said.diagram && said.diagram !== drawn) element.innerHTML = drawn = said.diagram;
  };
  return { element, update };
}

function rounded(index) {
  const element = h("p", { class: "note rounded" });
  const update = () => {
    const system = page.systems.find((each) => each.id === page.variants[index].system);
    element.hidden = !system?.rounded.length;
    element.replaceChildren(h("span", { text: () => t("rounded", { what: system.rounded.map(pick).join(t("list_join")) }) }));
  };
  return { element, update };
}

/** The whole card of variant `index`. */
export function card(index) {
  const parts = [top, chips, refusals, diagram, choices, details, rounded].map((make) => make(index));
  const element = h(
    "section",
    { class: "card variant", "data-letter": LETTERS[index], "aria-label": () => t("variant", { letter: LETTERS[index] }) },
    parts.map((part) => part.element),
  );
  const update = () => {
    element.classList.toggle("active", page.active === index);
    parts.forEach((part) => part.update());
  };
  return { element, update };
}
