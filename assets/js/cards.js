// A card a variant: system, chips, diagram, the ten choices, the drawer. Built once, then only renewed.

import { choices, details } from "./choices.js";
import { showCode } from "./code.js";
import { readConfiguration, saveConfiguration, told } from "./configuration.js";
import { h } from "./dom.js";
import { explains, showExplainer } from "./explain/dialog.js";
import { help } from "./help.js";
import { bytes, exact, short, signed } from "./numbers.js";
import { LETTERS, add, chooseSystem, page, remove, swap } from "./page.js";
import { saveAs } from "./saving.js";
import { pick, t } from "./words.js";

const CHIPS = [
  ["parameters", exact, "chip_parameters"],
  ["flops", (number) => short(number), "chip_flops"],
  ["cache", bytes, "chip_cache"],
  ["memory", bytes, "chip_memory"],
];

const MADE_OF = {
  parameters: (of) => parts(of.parameters, exact),
  flops: (of) => t("chip_flops_help", { parts: parts(of.flops, short), dense: short(of.dense_flops) }),
  cache: (of) =>
    t("chip_cache_help", { bytes: bytes(of.full_cache), prefill: short(of.prefill), decode: short(of.decode, 2) }),
  memory: (of) => t("chip_memory_help", { state: bytes(of.state), activations: bytes(of.activations) }),
};

/** "attention 262,144 (32 %) · feed-forward …": the parts that there are, and their shares. */
function parts(numbers, write) {
  const total = Object.values(numbers).reduce((sum, number) => sum + number, 0);
  const there = Object.entries(numbers).filter(([, number]) => number);
  return there
    .map(([part, number]) => `${t(`part_${part}`)} ${write(number)} (${Math.round((100 * number) / total)} %)`)
    .join(" · ");
}

/** The picker of a system, and the menu beside it. */
export function top(index) {
  const options = page.systems.map((system) =>
    h("option", { value: system.id, text: () => `${system.name} · ${system.year} · ${t("tiny_twin")}` }),
  );
  const picker = h(
    "select",
    {
      "aria-label": () => t("system_of", { letter: LETTERS[index] }),
      onchange: () => chooseSystem(index, picker.value),
    },
    options,
  );
  const element = h(
    "div",
    { class: "top" },
    h("span", { class: "tag", text: LETTERS[index], "aria-hidden": "true" }),
    picker,
    menu(index),
  );
  return { element, update: () => (picker.value = page.variants[index].system) };
}

const never = () => false;
const refused = (index) => Boolean(page.described?.variants[index]?.refusals.length);

function menu(index) {
  const items = [
    ["duplicate", () => add(index), () => page.variants.length >= LETTERS.length],
    ["swap", () => swap(index), () => page.variants.length < 2],
    ["remove", () => remove(index), () => page.variants.length < 2],
    ["config_read", () => readConfiguration(index), never],
    ["config_save", () => saveConfiguration(index, "ours"), () => refused(index)],
    ["config_save_theirs", () => saveConfiguration(index, "theirs"), () => refused(index)],
  ];
  const panel = h("div", { class: "menu", role: "menu", hidden: true });
  const button = h("button", {
    class: "icon",
    text: "⋯",
    "aria-label": () => t("more_of", { letter: LETTERS[index] }),
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  });
  const open = (shown) => {
    panel.hidden = !shown;
    button.setAttribute("aria-expanded", shown);
    if (!shown) return;
    panel.replaceChildren(
      ...items.map(([key, act, barred]) =>
        h("button", { role: "menuitem", text: t(key), disabled: barred(), onclick: act }),
      ),
    );
    panel.querySelector("button:not(:disabled)")?.focus();
  };
  button.addEventListener("click", () => open(panel.hidden));
  const element = h("div", {}, button, panel);
  element.addEventListener("focusout", (event) => element.contains(event.relatedTarget) || open(false));
  element.addEventListener("keydown", (event) => event.key === "Escape" && (open(false), button.focus()));
  panel.addEventListener("click", () => open(false));
  return element;
}

/** The four numbers of a variant, each with what it is made of as its help, and what matching made of it. */
export function chips(index) {
  const costsNow = () => page.described?.variants[index]?.costs;
  const numbers = CHIPS.map(([name, write, key]) => {
    const value = h("b", { text: "–" });
    const element = h(
      "span",
      { class: "chip", tabindex: "0", "data-chip": name },
      value,
      h("span", { text: () => t(key) }),
    );
    help(element, () => costsNow() && { title: t(key), help: MADE_OF[name](costsNow().of) });
    return { name, write, value, element };
  });
  const update = () => {
    const costs = costsNow();
    for (const { name, write, value } of numbers) if (costs) value.textContent = write(costs[name]);
    fairness.hidden = page.match === "none";
    fairness.firstChild.textContent = fair(index);
  };
  const fairness = h("p", { class: "note fairness" }, h("span", { text: () => fair(index) }));
  return {
    element: h(
      "div",
      { class: "chips" },
      numbers.map(({ element }) => element),
      fairness,
    ),
    update,
  };
}

/** What matching changed in a variant, and the mismatch left: "matched: d_ff 512 → 344 · parameters +0.6 %". */
function fair(index) {
  const matched = page.described?.variants[index]?.matched;
  if (page.match === "none" || !matched) return "";
  if (page.match === "time") return t("matched_time");
  if (index === 0) return t("matched_to");
  const changes = Object.entries(matched.changed).map(
    ([path, [before, after]]) => `${t(`matched_path_${path}`)} ${exact(before)} → ${exact(after)}`,
  );
  return t("matched", {
    changes: changes.join(t("list_join")) || t("matched_as_is"),
    what: t(`matched_what_${page.match}`),
    left: signed(matched.mismatch),
  });
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

// The block diagram, drawn by the server.
function diagram(index) {
  const element = h("div", { class: "picture" });
  let drawn = "";
  const update = () => {
    const said = page.described?.variants[index];
    if (!said) return;
    element.classList.toggle("stale", said.refusals.length > 0);
    if (!said.diagram || said.diagram === drawn) return;
    element.innerHTML = drawn = said.diagram;
    for (const hint of element.querySelectorAll("g > title")) explain(hint, index);
  };
  element.addEventListener("click", (event) => {
    const id = explainerAt(event.target.closest("[data-shows]"), index);
    if (id) showExplainer(id, index);
  });
  return { element, update };
}

const explainerAt = (part, index) => part && explains([part.dataset.shows], index);

// What a part of the picture says when pointed at, or tapped: title, formula and source, as the help of everything else.
function explain(hint, index) {
  const [title, formula, citation] = hint.textContent.split("\n");
  const said = formula ? { title, formula, citation } : { title, help: citation };
  const part = hint.parentElement;
  const id = explainerAt(part, index);
  help(part, () => (id ? { ...said, more: t("explain_click") } : said)).setAttribute("tabindex", "-1");
  part.classList.toggle("explains", Boolean(id));
  hint.remove();
}

// What else there is of the drawn architecture: its code.
function under(index) {
  const code = h("button", {
    text: () => t("code"),
    "aria-label": () => t("code_of", { letter: LETTERS[index] }),
    onclick: () => showCode(index),
  });
  const picture = h("button", {
    text: () => t("diagram_save"),
    "aria-label": () => t("diagram_save_of", { letter: LETTERS[index] }),
    onclick: () =>
      saveAs(`${page.variants[index].system}.svg`, page.described.variants[index].diagram, "image/svg+xml"),
  });
  const element = h("div", { class: "under" }, code, picture);
  return { element, update: () => (code.disabled = picture.disabled = refused(index)) };
}

/** The diagram with what stands under it. */
export function drawn(index) {
  const parts = [diagram(index), under(index)];
  return {
    element: h(
      "div",
      { class: "drawn" },
      parts.map((part) => part.element),
    ),
    update: () => parts.forEach((part) => part.update()),
  };
}

function rounded(index) {
  const element = h("p", { class: "note rounded" });
  const update = () => {
    const { system: id, read } = page.variants[index];
    const system = page.systems.find((each) => each.id === id);
    element.hidden = !read && !system?.rounded.length;
    element.replaceChildren(
      h("span", {
        text: () => (read ? told(read) : t("rounded", { what: system.rounded.map(pick).join(t("list_join")) })),
      }),
    );
  };
  return { element, update };
}

/** The whole card of variant `index`. */
export function card(index) {
  const parts = [top, chips, refusals, drawn, choices, details, rounded].map((make) => make(index));
  const element = h(
    "section",
    {
      class: "card variant",
      "data-letter": LETTERS[index],
      "aria-label": () => t("variant", { letter: LETTERS[index] }),
    },
    parts.map((part) => part.element),
  );
  const update = () => {
    element.classList.toggle("active", page.active === index);
    parts.forEach((part) => part.update());
  };
  return { element, update };
}
