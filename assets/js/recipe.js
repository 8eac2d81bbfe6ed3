// The recipe bar: the fields that matter most, a drawer with the rest, and room for Train, Stop and progress.

import { h } from "./dom.js";
import { field, list, named, narrow } from "./controls.js";
import { LETTERS, chooseEverywhere, chooseRecipe, listen, page, tell, valueAt } from "./page.js";
import { openForm } from "./form.js";
import { openText } from "./text.js";
import { onLanguage, t } from "./words.js";

const CONTEXT = "shape.context";
const USUAL_TOKENS = 300_000;
const USUAL_SPEED = 8_000; // tokens/s
const updates = [];
let budgetBefore = null; // what matching in time took the place of

const part = (path) => page.fields.recipe.find((each) => each.path === path);
const valueOf = (path) => page.recipe[path] ?? page.described?.recipe.values[path] ?? "";
const refusedAt = (path) => Boolean(page.described?.recipe.refusals.some((refusal) => refusal.fields.includes(path)));

export function openRecipe(host) {
  const text = openText();
  const fields = h(
    "div",
    { class: "bar-fields" },
    data(text),
    one("recipe.tokenizer"),
    budget(),
    contextAndBatch(),
    rate(),
    seeds(),
    labelled(page.fields.match, matching("match")),
  );
  const drawer = h("div", { class: "drawer", hidden: true }, h("div", { class: "details-grid" }, rest()));
  const more = h("button", {
    class: "plain",
    "aria-expanded": "false",
    text: () => t("more_recipe"),
    onclick: () => {
      drawer.hidden = !drawer.hidden;
      more.setAttribute("aria-expanded", !drawer.hidden);
    },
  });
  const open = h("button", {
    class: "phone",
    "aria-expanded": "false",
    text: () => t("recipe"),
    onclick: () => open.setAttribute("aria-expanded", host.classList.toggle("open")),
  });
  const buttons = h("div", { class: "bar-buttons" });
  const status = h("div", { class: "status" });
  const progress = h(
    "div",
    {
      class: "progress",
      role: "progressbar",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      "aria-label": () => t("progress"),
    },
    h("i"),
  );
  const form = openForm();
  host.append(h("div", { class: "bar-row" }, fields, buttons), form.chosen, progress, status, drawer);
  const renew = () => updates.forEach((update) => update());
  for (const kind of ["choices", "described"]) listen(kind, renew);
  onLanguage(renew);
  return { buttons, status, progress, more: h("span", { class: "more" }, form.button, more), open };
}

function labelled(thing, ...controls) {
  return h(
    "div",
    { class: "bar-field" },
    named(thing),
    controls.length > 1 ? h("div", { class: "pair" }, controls) : controls,
  );
}

function made(path, make) {
  const control = make(part(path), (word) => chooseRecipe(path, word));
  updates.push(() => control.refresh(valueOf(path), { refused: refusedAt(path) }));
  return control.element;
}

const one = (path) => labelled(part(path), made(path, narrow));

// A source by its name; one that takes arguments (recall:8:16, hf:NAME) has them in a field of their own.
function data(text) {
  const path = "recipe.data";
  const sources = part(path).words;
  const source = () => sources.find(({ word }) => word === valueOf(path).split(":")[0]);
  const say = (word) => {
    if (word !== page.fields.own_text) chooseRecipe(path, word);
    else text.show();
    update();
  };
  const choice = list(part(path), say);
  const exact = h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "200",
    "aria-label": () => t("data_exactly"),
    onchange: () => say(exact.value.trim()),
  });
  const edit = h("button", {
    class: "icon",
    text: "✎",
    "aria-label": () => t("your_text"),
    title: () => t("your_text"),
    onclick: () => text.show(),
  });
  const update = () => {
    const refused = refusedAt(path);
    choice.refresh(source()?.word ?? valueOf(path), { refused });
    exact.value = valueOf(path);
    exact.placeholder = `${source()?.word ?? ""}${source()?.spelling ?? ""}`;
    exact.setAttribute("aria-invalid", refused);
    exact.hidden = !source()?.spelling;
    edit.hidden = valueOf(path) !== page.fields.own_text;
  };
  updates.push(update);
  return labelled(part(path), choice.element, exact, edit);
}

// Tokens, unless the link or the drawer gave the budget in seconds or FLOPs.
function budget() {
  const paths = ["recipe.tokens", "recipe.seconds", "recipe.flops"];
  const controls = paths.map((path) => h("div", { class: "bar-field" }, named(part(path)), made(path, field)));
  updates.push(() => {
    const set = paths.findIndex((path) => !["", "none"].includes(valueOf(path)));
    controls.forEach((control, index) => (control.hidden = index !== Math.max(0, set)));
  });
  return h("div", { style: "display: contents" }, controls);
}

function contextAndBatch() {
  const context = { ...page.fields.details.flatMap((axis) => axis.parts).find((each) => each.path === CONTEXT) };
  const control = field(context, (word) => chooseEverywhere(CONTEXT, word));
  updates.push(() => {
    const words = new Set(page.variants.map((_, index) => valueAt(index, CONTEXT)));
    const refused = page.described?.variants.some((variant) =>
      variant.refusals.some((refusal) => refusal.fields.includes(CONTEXT)),
    );
    control.refresh([...words].join(" / "), { refused });
  });
  return labelled(
    page.fields.context_batch,
    control.element,
    h("span", { text: "×", "aria-hidden": "true" }),
    made("recipe.batch", field),
  );
}

const rate = () => labelled(part("recipe.lr"), made("recipe.lr", field), made("recipe.schedule", list));

function seeds() {
  const thing = page.fields.seeds;
  const control = field(thing, (word) => ((page.seeds = word), tell("choices")));
  updates.push(() => control.refresh(page.seeds, { refused: refusedAt("seeds") }));
  return labelled(thing, control.element);
}

// What variants are matched in stands beside the seeds, what is changed for it with the rest.
function matching(name) {
  const choose = (word) => {
    if (name === "match") timed(word === "time");
    page[name] = word;
    tell("choices");
  };
  const control = list(page.fields[name], choose);
  updates.push(() => control.refresh(page[name], { refused: refusedAt(name) }));
  return control.element;
}

// Matched in time, all train equally long: a budget in tokens becomes the seconds that they take A, and is given back.
function timed(on) {
  const set = (path) => !["", "none"].includes(valueOf(path));
  if (!on && budgetBefore) {
    delete page.recipe["recipe.seconds"];
    Object.assign(page.recipe, budgetBefore);
  }
  budgetBefore = null;
  if (!on || set("recipe.seconds")) return;
  budgetBefore = Object.fromEntries(
    ["recipe.tokens", "recipe.flops"].filter((path) => set(path)).map((path) => [path, valueOf(path)]),
  );
  for (const path of Object.keys(budgetBefore)) delete page.recipe[path];
  page.recipe["recipe.seconds"] = String(secondsOf(Number(budgetBefore["recipe.tokens"] ?? USUAL_TOKENS)));
}

// As fast as A was trained last, on two digits; what a slow core does where nothing is known.
function secondsOf(tokens) {
  const speeds = (page.results?.runs ?? [])
    .filter((run) => run.variant === 0 && run.tokens_per_second)
    .map((run) => run.tokens_per_second);
  return Number(Math.max(1, tokens / (speeds.at(-1) ?? USUAL_SPEED)).toPrecision(2));
}

function rest() {
  const shown = ["recipe.data", "recipe.tokenizer", "recipe.tokens", "recipe.batch", "recipe.lr", "recipe.schedule"];
  const others = page.fields.recipe.filter((each) => !shown.includes(each.path));
  const by = h("div", { class: "field" }, named(page.fields.match_by), matching("match_by"));
  return [
    ...others.map((each) => {
      const element = h("div", { class: "field" }, named(each), made(each.path, narrow));
      updates.push(() => element.classList.toggle("refused", refusedAt(each.path)));
      return element;
    }),
    by,
  ];
}

/** Every reason why these choices cannot be trained, with the letter of the variant it is about. */
export function reasons() {
  const said = page.described;
  if (!said) return [];
  const ofVariants = said.variants.flatMap((variant, index) =>
    variant.refusals.map(({ text }) => ({ letter: LETTERS[index], text })),
  );
  return [...ofVariants, ...said.recipe.refusals.map(({ text }) => ({ letter: "", text }))];
}
