// Attention maps of every trained variant on the visitor's own sentence: all heads of a layer, or one of them large.

import { column, emptyColumns, letterOf, notYet, nothingYet, placeholder } from "../compared.js";
import { fill, h } from "../dom.js";
import { darkness, heatmap, visible } from "../heatmap.js";
import { onTrained, ready, trained } from "../trained.js";
import { ask } from "../server.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 3;
export const wide = true;
export const title = () => t("maps");
export const note = () => t("maps_note");

const STRONGEST = 6; // links of a variant in the table

const chosen = { layer: 0, head: null }; // head: null for all of them
let answer = [];
let asked = "";
let calls = 0;
let typed = false;
let shown = []; // the maps on the page: {variant, head, map}

export function mount(body, head) {
  const sentence = h("input", { type: "text", maxlength: "2000", autocomplete: "off", spellcheck: "false", "aria-label": () => t("maps_sentence"), placeholder: () => t("maps_sentence") });
  const look = h("button", { type: "submit", text: () => t("maps_look") });
  const form = h("form", { class: "asking" }, sentence, look);
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  const switches = h("div", { class: "switches" });
  const columns = h("div", { class: "compared" });
  const table = h("details", { class: "data-table" }, h("summary", { text: () => t("maps_table") }), h("div", { class: "scroll" }));
  const host = { sentence, look, refusal, switches, columns, table };
  head.append(scale());
  body.append(form, refusal, switches, columns, table);
  form.addEventListener("submit", (event) => (event.preventDefault(), lookAt(host, sentence.value)));
  sentence.addEventListener("input", () => (typed = true));
  table.addEventListener("toggle", () => strongest(host));
  onTrained(() => renew(host));
  onLanguage(() => show(host));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(host));
  show(host);
  return { update: () => answer.length || show(host) };
}

// Another experiment, or another variant of it that can be looked at now.
function renew(host) {
  if (!typed) host.sentence.value = trained.example;
  const now = JSON.stringify([trained.id, ready().map((each) => [each.variant, each.run])]);
  if (now === asked) return;
  asked = now;
  answer = [];
  if (ready().length && host.sentence.value) lookAt(host, host.sentence.value);
  else show(host);
}

async function lookAt(host, text) {
  const mine = ++calls;
  let said;
  try {
    said = await ask("attention", { id: trained.id, text });
  } catch {
    said = { refusal: { text: t("no_answer") } };
  }
  if (mine !== calls) return;
  host.refusal.hidden = !said.refusal;
  host.refusal.textContent = pick(said.refusal?.text);
  host.sentence.setAttribute("aria-invalid", Boolean(said.refusal));
  if (said.refusal) return;
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
  const most = (what) => Math.max(0, ...drawn.map((each) => each[what]));
  if (chosen.layer >= most("layers")) chosen.layer = 0;
  if (chosen.head >= most("heads")) chosen.head = null;
  host.look.disabled = !ready().length;
  fill(host.switches, drawn.length ? [pickOne(host, "layer", most("layers")), pickOne(host, "head", most("heads"))] : []);
  const empty = answer.length ? null : nothingYet(t("maps_what"));
  shown = [];
  fill(host.columns, empty ? emptyColumns(empty, "maps") : trained.variants.map((each) => one(host, answer.find((other) => other.variant === each.variant) ?? each)));
  host.table.hidden = !drawn.length;
  strongest(host);
}

function pickOne(host, what, count) {
  const values = [...(what === "head" && count > 1 ? [null] : []), ...Array(count).keys()];
  const segments = values.map((value) => {
    const choose = () => ((chosen[what] = value), show(host), host.switches.querySelector(`[data-pick="${what}"] :checked`)?.focus());
    const input = h("input", { type: "radio", name: `maps-${what}`, checked: chosen[what] === value || (what === "head" && count === 1), onchange: choose });
    return h("label", {}, input, h("span", { text: value === null ? t("maps_all") : String(value + 1) }));
  });
  const group = h("div", { class: "seg", role: "radiogroup", "data-pick": what, "aria-label": t(`maps_${what}`) }, segments);
  return h("span", { class: "pick" }, h("span", { class: "note", text: t(`maps_${what}`) }), group);
}

function one(host, each) {
  if (each.refusal) return column(each.variant, placeholder(pick(each.refusal.text), "maps"));
  if (!each.values) return column(each.variant, placeholder(notYet(), "maps"));
  const readout = h("p", { class: "readout", role: "status" });
  const notes = each.notes.map((said) => h("p", { class: "note", text: pick(said) }));
  const missing = chosen.layer >= each.layers ? t("maps_no_layer", { layer: chosen.layer + 1, layers: each.layers }) : chosen.head >= each.heads ? t("maps_no_head", { head: chosen.head + 1, heads: each.heads }) : "";
  if (missing) return column(each.variant, placeholder(missing, "maps"), notes);
  const maps = chosen.head === null && each.heads > 1 ? grid(host, each, readout) : [large(each, chosen.head ?? 0, readout)];
  const square = h("div", { class: "maps", style: `--across: ${Math.ceil(Math.sqrt(maps.length))}` }, maps);
  return column(each.variant, square, readout, notes);
}

function grid(host, each, readout) {
  return [...Array(each.heads).keys()].map((head) => {
    const picture = drawing(each, head, readout, false);
    const enlarge = () => ((chosen.head = head), show(host), host.switches.querySelector('[data-pick="head"] :checked')?.focus());
    const label = t("maps_enlarge", { head: head + 1 });
    return h("button", { class: "small-map", "aria-label": `${describe(each, head)} ${label}`, title: label, onclick: enlarge }, picture.element, h("span", { class: "number", text: String(head + 1) }));
  });
}

const large = (each, head, readout) => drawing(each, head, readout, true).element;

function drawing(each, head, readout, labelled) {
  const map = mapOf(each, chosen.layer, head);
  const picture = heatmap((cell) => point(map, head, cell), { labelled });
  picture.element.setAttribute("aria-label", describe(each, head));
  picture.show(map);
  shown.push({ variant: each.variant, head, map, picture, readout });
  return picture;
}

const describe = (each, head) => t("maps_label", { letter: letterOf(each.variant), layer: chosen.layer + 1, head: head + 1, tokens: each.tokens.length });

// The same link in every map over the same tokens, each with its own number.
function point(from, head, cell) {
  const alike = shown.filter(({ map }) => map === from || map.tokens.join("\n") === from.tokens.join("\n"));
  for (const each of alike) each.picture.mark(cell);
  for (const each of alike.filter((other) => other.head === head)) each.readout.textContent = cell ? inWords(each, cell) : "";
}

function inWords({ head, map: { tokens, values } }, { row, column: at }) {
  const name = (index) => t("maps_token", { token: visible(tokens[index]), place: index + 1 });
  const given = { row: name(row), column: name(at), value: (values[row * tokens.length + at] / 255).toFixed(2) };
  const link = at > row ? t("maps_hidden", given) : t("maps_link", given);
  return chosen.head === null ? t("maps_link_head", { head: head + 1, link }) : link;
}

// The same as a table, for those who cannot see the picture: the strongest links of what is shown.
function strongest({ table }) {
  if (!table.open || table.hidden) return;
  const rows = answer.filter((each) => each.values).flatMap((each) => links(shown.filter((other) => other.variant === each.variant)));
  const cells = rows.map(({ map, head, row, column: at, value }) =>
    h("tr", { "data-letter": map.letter }, [map.letter, head + 1, visible(map.tokens[row]), row + 1, visible(map.tokens[at]), at + 1, (value / 255).toFixed(2)].map((text, index) => h("td", { class: index ? "" : "in-colour", text: String(text) }))),
  );
  const heads = ["panel_variant", "maps_head", "maps_row", "maps_place", "maps_column", "maps_place", "maps_probability"];
  fill(table.querySelector(".scroll"), h("table", {}, h("thead", {}, h("tr", {}, heads.map((key) => h("th", { scope: "col", text: t(key) })))), h("tbody", {}, cells)));
}

// From the second token on: the first can only look at itself.
function links(maps) {
  const all = maps.flatMap(({ map, head }) => {
    const size = map.tokens.length;
    return [...map.values].flatMap((value, index) => (value && index >= size ? [{ map, head, value, row: Math.floor(index / size), column: index % size }] : []));
  });
  return all.sort((a, b) => b.value - a.value).slice(0, STRONGEST);
}

// What the darkness means.
function scale() {
  const steps = [0, 0.05, 0.25, 1].map((value) => h("span", { style: `--darkness: ${darkness(value)}`, text: String(value) }));
  return h("div", { class: "map-scale", "aria-hidden": "true" }, steps);
}
