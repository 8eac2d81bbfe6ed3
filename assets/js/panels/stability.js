// The stability lab: raise something until training breaks, flip what is said to hold it, see the same sweep again. Choices
// alone: the sweep that they make is trained and drawn as every other.

import { fill, h } from "../dom.js";
import { letterIn } from "../letters.js";
import { notice } from "../notices.js";
import { exact } from "../numbers.js";
import { LETTERS, bring, chooseEverywhere, listen, page, tell, training, valueAt } from "../page.js";
import { segments } from "../segments.js";
import { ask } from "../server.js";
import { startTraining } from "../training.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 2.7;
export const wide = true;
export const title = () => t("lab");
export const note = () => t("lab_note");
export const suits = () => true;

const MOST = 12; // sentences about runs that broke

export function mount(body) {
  const raise = h("div", { class: "row" });
  const flips = h("div", { class: "lab-flips" });
  const size = h("span", { class: "note", role: "status" });
  const train = h("button", { class: "primary", text: () => t("lab_train"), onclick: () => startTraining() });
  const broken = h("ul", { class: "sentences" });
  body.append(
    labelled("lab_raise", raise),
    labelled("lab_flip", flips),
    h("div", { class: "asking" }, train, size),
    broken,
  );
  let lab = null;
  let flipped = []; // the switches of the second line: {element, renew}

  const renew = () => {
    if (!lab) return;
    const form = page.form;
    for (const button of raise.querySelectorAll("[data-sweep]"))
      button.setAttribute("aria-pressed", String(isChosen(lab.sweeps[button.dataset.sweep], form)));
    for (const each of flipped) each.renew();
    const said = page.described?.form;
    train.disabled = form?.kind !== "sweep" || !said || training();
    size.textContent =
      form?.kind === "sweep" && said ? t("form_size", { ...said, seeds: page.seeds }) : t("lab_choose");
    fill(broken, told());
  };

  ask("stability").then(
    (said) => {
      lab = said;
      const sweeps = Object.entries(lab.sweeps).map(([id, sweep]) =>
        h("button", {
          "data-sweep": id,
          "aria-pressed": "false",
          text: () => t(`lab_sweep_${id}`),
          title: () => t(`lab_help_${id}`),
          onclick: () => choose(sweep),
        }),
      );
      const example = h("button", {
        text: () => t("lab_example"),
        title: () => t("lab_example_help"),
        onclick: () => (bring(lab.example), startTraining(lab.says)),
      });
      fill(raise, sweeps, example);
      flipped = lab.flips.map(flip);
      fill(
        flips,
        flipped.map(({ element }) => element),
      );
      renew();
    },
    () => notice(t("no_answer"), true),
  );
  for (const kind of ["choices", "described", "results", "training"]) listen(kind, renew);
  onLanguage(renew);
  return { update: renew };
}

const labelled = (key, control) =>
  h("div", { class: "lab-part" }, h("span", { class: "note", text: () => t(key) }), control);

// The sweep in the place of any other form, and the short recipe that makes it quick.
function choose({ path, values, recipe }) {
  page.form = { kind: "sweep", path, values };
  for (const other of ["recipe.seconds", "recipe.flops"]) delete page.recipe[other];
  Object.assign(page.recipe, recipe);
  tell("choices");
}

const isChosen = ({ path, values, recipe }, form) =>
  form?.kind === "sweep" &&
  form.path === path &&
  form.values === values &&
  valueOf("recipe.precision") === recipe["recipe.precision"];

const valueOf = (path) => page.recipe[path] ?? page.described?.recipe.values[path] ?? "";

/** Have all variants this word? */
function has(path, word) {
  const words = path.startsWith("recipe.") ? [valueOf(path)] : page.variants.map((_, index) => valueAt(index, path));
  return words.every((each) => each === word || (each !== "" && Number(each) === Number(word)));
}

function flip({ path, title: name, words }) {
  const set = (word) =>
    path.startsWith("recipe.") ? ((page.recipe[path] = word), tell("choices")) : chooseEverywhere(path, word);
  const choices = words.map(({ word, title: called }) => ({ value: word, text: () => pick(called) }));
  const { element, show } = segments({ label: () => pick(name), words: choices, choose: set });
  const renew = () => show(words.find(({ word }) => has(path, word))?.word);
  return {
    element: h("div", { class: "lab-flip" }, h("span", { class: "name", text: () => pick(name) }), element),
    renew,
  };
}

/** What broke in the runs that are shown: where the loss died, and where the first overflow was. */
function told() {
  const { results } = page;
  const runs = (results?.live ? results.runs : []).filter((run) => run.overflow || run.state === "diverged");
  const lines = runs.slice(0, MOST).map((run) => {
    const letter = letterIn(results, run.variant);
    const name =
      results.form || results.variants.length > 1
        ? `${letter} ${results.variants[run.variant].name}`
        : results.variants[run.variant].name;
    const parts = [
      run.overflow && overflow(run.overflow),
      run.state === "diverged" && t("lab_died", { step: exact(run.diverged_at) }),
    ];
    return h("li", {
      "data-letter": LETTERS.includes(letter) ? letter : "D",
      text: `${name}${t("colon")}${parts.filter(Boolean).join(" ")}`,
    });
  });
  return [
    ...lines,
    ...(runs.length > MOST
      ? [h("li", { class: "note", text: t("form_and_more", { count: runs.length - MOST }) })]
      : []),
  ];
}

function overflow({ step, layer, tensor, backward }) {
  const where = layer == null ? t("lab_outside") : t("lab_layer", { layer });
  return t(backward ? "lab_overflow_backward" : "lab_overflow_forward", { step: exact(step), where, tensor });
}
