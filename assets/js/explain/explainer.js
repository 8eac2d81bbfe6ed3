// One explainer: a picture, the sliders that change it, a sentence that says in numbers what is seen. Knows no formula.
//
// A view (a file in explainers/) exports id, order, title(), note(), begin(values, more) -> state, controls(state) -> list,
// and draw(state, width) -> {height, svg, says, drag?}. A control is {key, title(), from, to, step?, log?, write?} or
// {key, title(), words: [[word, text()], …]}; drag(x, y) takes a place in the picture, in pixels, to a change of the state.

import { fill, h } from "../dom.js";
import { LETTERS } from "../page.js";
import { pictureButtons } from "../picture-files.js";
import { segments } from "../segments.js";
import { onLanguage, t } from "../words.js";

const STEPS = 400; // of a logarithmic slider

/** {element, begin(about, letter)}: `about` is what the server says of one architecture; without a letter it is of none. */
export function explainer(view, more) {
  const picture = h("div", { class: "x-picture" });
  const says = h("p", { class: "x-says" });
  const sliders = h("div", { class: "x-sliders" });
  const whose = h("span", { class: "note" });
  const again = h("button", { class: "plain", text: () => t("explain_reset"), onclick: () => begin(about, letter) });
  const source = h("p", { class: "note x-source" });
  const files = h(
    "span",
    { class: "x-files" },
    pictureButtons(() => picture.firstChild, view.id, view.title),
    again,
  );
  const foot = h("div", { class: "x-foot" }, whose, files);
  const element = h("div", { class: "explainer", "data-explainer": view.id }, picture, says, sliders, foot, source);
  let [about, letter, state, shown, inputs] = [null, "", null, null, []];

  function begin(said, of = "") {
    [about, letter] = [said, of];
    if (of) element.dataset.letter = of;
    else delete element.dataset.letter;
    state = view.begin(said.values, more);
    word();
    lay();
  }

  function word() {
    if (!about) return;
    whose.textContent = letter ? t("explain_values_of", { letter }) : t("explain_values_usual");
    fill(source, h("code", { text: about.formula }), ` ${about.citation}`);
  }

  // Controls depend on what is chosen (a scaling has a factor); they are made anew only when that changes.
  function lay() {
    const made = view.controls(state);
    const key = made.map((each) => `${each.key}:${each.from}:${each.to}`).join();
    if (key !== sliders.dataset.laid) {
      inputs = made.map((each) => control(each, change));
      fill(
        sliders,
        inputs.map((each) => each.element),
      );
      sliders.dataset.laid = key;
    }
    inputs.forEach((each) => each.show(state[each.key]));
    draw();
  }

  function change(key, value) {
    state = { ...state, [key]: value };
    if (view.settle) state = view.settle(state, key);
    lay();
  }

  function draw() {
    const width = picture.clientWidth;
    if (!width || !state) return;
    shown = view.draw(state, width);
    const { height, svg, drag } = shown;
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    picture.innerHTML = `<svg role="img" ${size} class="${drag ? "x-drags" : ""}">${svg}</svg>`;
    picture.firstChild.setAttribute("aria-label", `${view.title()}${t("colon")}${shown.says}`);
    says.textContent = shown.says;
  }

  function drag(event) {
    if (!shown?.drag || (event.type === "pointermove" && !event.buttons)) return;
    const at = picture.getBoundingClientRect();
    const changes = shown.drag(event.clientX - at.left, event.clientY - at.top, event.type === "pointerdown");
    if (!changes) return;
    event.preventDefault();
    if (event.type === "pointerdown") picture.setPointerCapture(event.pointerId);
    state = { ...state, ...changes };
    lay();
  }

  picture.addEventListener("pointerdown", drag);
  picture.addEventListener("pointermove", drag);
  new ResizeObserver(draw).observe(picture);
  onLanguage(() => (word(), draw()));
  return { element, begin };
}

const control = (made, change) => (made.words ? choice(made, change) : slider(made, change));

function slider({ key, title, from, to, step = 1, log = false, write = String }, change) {
  const [low, high] = log ? [Math.log(from), Math.log(to)] : [from, to];
  const value = h("output");
  const tell = (number) => (value.textContent = write(number));
  const read = () => (log ? rounded(Math.exp(low + (input.value / STEPS) * (high - low))) : Number(input.value));
  const input = h("input", {
    type: "range",
    min: log ? 0 : from,
    max: log ? STEPS : to,
    step: log ? 1 : step,
    "data-key": key,
    "aria-label": title,
    oninput: () => change(key, read()),
  });
  const element = h("label", { class: "x-slider" }, h("span", { text: title }), input, value);
  const show = (number) => {
    const place = log ? Math.round(((Math.log(number) - low) / (high - low)) * STEPS) : number;
    if (Number(input.value) !== place && read() !== number) input.value = place;
    input.setAttribute("aria-valuetext", tell(number));
  };
  return { key, element, show };
}

const rounded = (number) => Number(number.toPrecision(2));

function choice({ key, title, words }, change) {
  const choices = words.map(([value, text]) => ({ value, text }));
  const { element, show } = segments({ label: title, words: choices, choose: (word) => change(key, word) });
  return { key, element: h("div", { class: "x-choice" }, h("span", { text: title }), element), show };
}

/** The first variant that has this explainer, as [what is said of it, its letter]; else what is usual. A full span is none. */
export function first(id, said) {
  const index = said.variants.findIndex((variant) => variant?.[id] && variant[id].values.kinds?.length !== 0);
  return index < 0 ? [said.usual[id], ""] : [said.variants[index][id], LETTERS[index]];
}
