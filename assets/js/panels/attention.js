// Attention maps of every variant on the visitor's own sentence, layers × heads, after any step whose weights were kept: a
// page of maps, the heads of a layer, or one of them large; and what each head does.

import { column, emptyColumns, notYet, nothingYet, placeholder } from "../compared.js";
import { foldedTable } from "../data-table.js";
import { fill, h } from "../dom.js";
import { formedOf, scoresOf } from "../head-scores.js";
import { darkness, heatmap, visible } from "../heatmap.js";
import { letterOf } from "../letters.js";
import { chosen, goTo, onPage, picker, within } from "../map-page.js";
import { exact } from "../numbers.js";
import { page, training } from "../page.js";
import { sentence } from "../sentence.js";
import { onTrained, ready, trained } from "../trained.js";
import { ask } from "../server.js";
import { throughTime } from "../through-time.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 3;
export const wide = true;
export const title = () => t("maps");
export const note = () => t("maps_note");

const STRONGEST = 6; // links of a variant in the table
const HEADS = ["panel_variant", "maps_head", "maps_row", "maps_place", "maps_column", "maps_place", "maps_probability"];

let answer = [];
let asked = "";
let known = ""; // the experiment that the answer is about
let looked = ""; // the sentence that is looked at
let at = null; // the step after which it is looked at; null: the last one that there is
let busy = false;
let again = false;
let shown = []; // the maps on the page: {variant, layer, head, map}

export function mount(body, head) {
  const asking = sentence(
    () => t("maps_sentence"),
    (text) => {
      looked = text;
      lookAt(host);
    },
  );
  const time = throughTime((step) => ((at = step), lookAt(host)));
  const switches = h("div", { class: "switches" });
  const columns = h("div", { class: "compared" });
  const table = foldedTable(() => t("maps_table"), HEADS, strongest);
  const host = { asking, time, switches, columns, table };
  head.append(scale());
  body.append(...asking.elements, time.element, switches, columns, table.element);
  onTrained(() => renew(host));
  onLanguage(() => show(host));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(host));
  show(host);
  return { update: () => (renew(host), answer.length || show(host)) };
}

const kept = () =>
  page.results?.live
    ? page.results.runs.filter((run) => run.kept?.length).map((run) => [run.variant, run.kept.length])
    : [];

// Another experiment, another variant of it that can be looked at now, or one more step of a run that is going.
function renew(host) {
  if (trained.id !== (page.results?.id ?? null)) return;
  host.asking.suggest(trained.example);
  const now = JSON.stringify([trained.id, ready().map((each) => [each.variant, each.run]), kept()]);
  if (now === asked) return;
  asked = now;
  if (known !== trained.id) {
    [answer, at, known] = [[], null, trained.id];
    looked = host.asking.text();
  }
  looked ||= host.asking.text();
  if ((ready().length || kept().length) && looked) lookAt(host);
  else show(host);
}

// One question at a time; what was wanted meanwhile is asked when it is answered.
async function lookAt(host) {
  if (busy) return void (again = true);
  busy = true;
  const id = trained.id;
  const said = await ask("attention", { id, text: looked, ...(at !== null && { step: at }) }).catch(() => null);
  busy = false;
  if (id === trained.id) take(host, said);
  if (!again) return;
  again = false;
  lookAt(host);
}

function take(host, said) {
  if (!host.asking.takes(said)) return;
  answer = said.variants.map((each) => (each.maps ? { ...each, values: unpacked(each.maps) } : each));
  show(host);
}

const unpacked = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** One head's map of a variant of the answer. */
function mapOf(each, layer, head) {
  const size = each.tokens.length ** 2;
  const start = (layer * each.heads + head) * size;
  return { tokens: each.tokens, values: each.values.subarray(start, start + size), letter: letterOf(each.variant) };
}

function show(host) {
  const drawn = answer.filter((each) => each.values);
  const most = (what) => Math.max(0, ...drawn.map((each) => each[`${what}s`]));
  const steps = [...new Set(answer.flatMap((each) => each.steps ?? []))].sort((one, other) => one - other);
  if (drawn.length) within({ layer: most("layer"), head: most("head") });
  host.asking.bar(!ready().length && !kept().length);
  host.time.show(steps, at);
  const turned = (what) => (
    show(host),
    host.switches.querySelector(`[data-pick="${what}"]:is(select), [data-pick="${what}"] :checked`)?.focus()
  );
  fill(host.switches, drawn.length ? ["layer", "head"].flatMap((what) => picker(what, most(what), turned)) : []);
  const empty = answer.length ? null : (waiting() ?? nothingYet(t("maps_what")));
  shown = [];
  fill(host.columns, empty ? emptyColumns(empty, "maps") : columnsOf(host));
  host.table.element.hidden = !drawn.length;
  host.table.renew();
}

// Before the first weights of a run are kept.
const waiting = () =>
  training() && !page.results.runs.some((run) => run.curve.step.length) ? t("maps_waiting") : null;

function columnsOf(host) {
  return page.results.variants.map((_, variant) =>
    one(host, answer.find((other) => other.variant === variant) ?? { variant }),
  );
}

function one(host, each) {
  if (each.refusal) return column(each.variant, placeholder(pick(each.refusal.text), "maps"));
  if (!each.values) return column(each.variant, placeholder(notYet(), "maps"));
  const readout = h("p", { class: "readout", role: "status" });
  const when = h("p", {
    class: "note",
    "data-step": each.step,
    text: each.steps.length > 1 || training() ? t("maps_at_step", { step: exact(each.step) }) : t("maps_steps_none"),
  });
  const notes = each.notes.map((said) => h("p", { class: "note", text: pick(said) }));
  const missing =
    chosen.layer >= each.layers
      ? t("maps_no_layer", { layer: chosen.layer + 1, layers: each.layers })
      : chosen.head >= each.heads
        ? t("maps_no_head", { head: chosen.head + 1, heads: each.heads })
        : "";
  if (missing) return column(each.variant, when, placeholder(missing, "maps"), notes);
  const [layers, heads] = [onPage("layer", each.layers), onPage("head", each.heads)];
  const places = layers.flatMap((layer) => heads.map((head) => [layer, head]));
  const maps =
    places.length > 1
      ? grid(host, each, places, readout)
      : places.map(([layer, head]) => drawing(each, layer, head, readout, true).element);
  const both = layers.length > 1 && heads.length > 1;
  const across = both ? heads.length : Math.ceil(Math.sqrt(maps.length));
  const square = h(
    "div",
    { class: `maps${both ? " both" : ""}`, style: `--across: ${across}; --down: ${both ? layers.length : across}` },
    maps,
  );
  return column(
    each.variant,
    when,
    square,
    readout,
    formedOf(each, (layer, head) => (goTo(layer, head), show(host))),
    scoresOf(each, places),
    notes,
  );
}

function grid(host, each, places, readout) {
  return places.map(([layer, head]) => {
    const picture = drawing(each, layer, head, readout, false);
    const enlarge = () => (
      goTo(layer, head),
      show(host),
      host.switches.querySelector('[data-pick="head"]:is(select), [data-pick="head"] :checked')?.focus()
    );
    const label = t("maps_enlarge", { head: head + 1 });
    return h(
      "button",
      { class: "small-map", "aria-label": `${describe(each, layer, head)} ${label}`, title: label, onclick: enlarge },
      picture.element,
      h("span", { class: "number", text: nameOf(layer, head) }),
    );
  });
}

function drawing(each, layer, head, readout, labelled) {
  const map = mapOf(each, layer, head);
  const picture = heatmap((cell) => point(map, layer, head, cell), { labelled });
  picture.element.setAttribute("aria-label", describe(each, layer, head));
  picture.show(map);
  shown.push({ variant: each.variant, layer, head, map, picture, readout });
  return picture;
}

const describe = (each, layer, head) =>
  t("maps_label", { letter: letterOf(each.variant), layer: layer + 1, head: head + 1, tokens: each.tokens.length });

// The same link in every map over the same tokens, each with its own number.
function point(from, layer, head, cell) {
  const alike = shown.filter(({ map }) => map === from || map.tokens.join("\n") === from.tokens.join("\n"));
  for (const each of alike) each.picture.mark(cell);
  for (const each of alike.filter((other) => other.layer === layer && other.head === head))
    each.readout.textContent = cell ? inWords(each, cell) : "";
}

function inWords({ layer, head, map: { tokens, values } }, { row, column: to }) {
  const name = (index) => t("maps_token", { token: visible(tokens[index]), place: index + 1 });
  const given = { row: name(row), column: name(to), value: (values[row * tokens.length + to] / 255).toFixed(2) };
  const link = to > row ? t("maps_hidden", given) : t("maps_link", given);
  if (chosen.head !== null && chosen.layer !== null) return link;
  return t("maps_link_head", { head: nameOf(layer, head), link });
}

// A head by its number, and its layer where several are shown.
const nameOf = (layer, head) => (chosen.layer === null ? `${layer + 1}.${head + 1}` : String(head + 1));

// The strongest links of what is shown, for the table.
function strongest() {
  const found = answer
    .filter((each) => each.values)
    .flatMap((each) => links(shown.filter((other) => other.variant === each.variant)));
  return found.map(({ map: { letter, tokens }, layer, head, row, column: to, value }) => [
    letter,
    nameOf(layer, head),
    visible(tokens[row]),
    row + 1,
    visible(tokens[to]),
    to + 1,
    (value / 255).toFixed(2),
  ]);
}

// From the second token on: the first can only look at itself.
function links(maps) {
  const all = maps.flatMap(({ map, layer, head }) => {
    const size = map.tokens.length;
    return [...map.values].flatMap((value, index) =>
      value && index >= size ? [{ map, layer, head, value, row: Math.floor(index / size), column: index % size }] : [],
    );
  });
  return all.sort((a, b) => b.value - a.value).slice(0, STRONGEST);
}

// What the darkness means.
function scale() {
  const steps = [0, 0.05, 0.25, 1].map((value) =>
    h("span", { style: `--darkness: ${darkness(value)}`, text: String(value) }),
  );
  return h("div", { class: "map-scale", "aria-hidden": "true" }, steps);
}
