// What each variant expects at each place of the visitor's sentence: tokens coloured by their loss, the likeliest next ones at
// any place and temperature, and where two variants disagree most.

import { column, emptyColumns, notYet, nothingYet, placeholder } from "../compared.js";
import { foldedTable } from "../data-table.js";
import { fill, h } from "../dom.js";
import { visible } from "../heatmap.js";
import { letterOf } from "../letters.js";
import { figure } from "../numbers.js";
import { sentence } from "../sentence.js";
import { ask, latest } from "../server.js";
import { onTrained, ready, trained } from "../trained.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 3.5;
export const wide = true;
export const title = () => t("beliefs");
export const note = () => t("beliefs_note");

const SURPRISED = 5; // nats from which on a token is as dark as can be
const SCALE = [0, 1, 2.5, 5];
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10 };
const UNCUT = 28; // characters of what was read that are quoted

let answer = null; // {temperatures, variants, disagreements}
let asked = "";
let at = Infinity; // the character at which all variants are looked at; beyond the text: what comes next
let temperature = 1;
let views = []; // the variants on the page: {each, line, bars}

export function mount(body, head) {
  const asking = sentence(
    () => t("beliefs_sentence"),
    (text) => lookAt(host, text),
  );
  const degree = h("output", { text: "1.0" });
  const slider = h("input", {
    type: "range",
    min: "0.1",
    max: "2",
    step: "0.1",
    value: "1",
    "aria-label": () => t("beliefs_temperature"),
  });
  const warmth = h(
    "label",
    { class: "warmth" },
    h("span", { class: "note", text: () => t("beliefs_temperature") }),
    slider,
    degree,
  );
  const apart = h("div", { class: "apart" });
  const columns = h("div", { class: "compared" });
  const table = foldedTable(
    () => t("beliefs_table"),
    ["panel_variant", "maps_place", "maps_row", "beliefs_nats"],
    losses,
  );
  const host = { asking, warmth, apart, columns, table };
  head.append(scale());
  body.append(...asking.elements, warmth, apart, columns, table.element);
  slider.addEventListener("input", () => {
    temperature = Number(slider.value);
    degree.textContent = temperature.toFixed(1);
    lookThere(host);
  });
  onTrained(() => renew(host));
  onLanguage(() => show(host));
  show(host);
  return { update: () => answer || show(host) };
}

function renew(host) {
  host.asking.suggest(trained.example);
  const now = JSON.stringify([trained.id, ready().map((each) => [each.variant, each.run])]);
  if (now === asked) return;
  asked = now;
  answer = null;
  if (ready().length && host.asking.text()) lookAt(host, host.asking.text());
  else show(host);
}

const lookAt = latest((host, text) => ask("beliefs", { id: trained.id, text }), take);

function take(said, host) {
  if (!host.asking.takes(said)) return;
  answer = { ...said, variants: said.variants.map(placed) };
  at = Infinity;
  show(host);
}

// Where each token begins, in characters: variants that split a text differently are looked at in the same place.
function placed(each) {
  if (!each.tokens) return each;
  let length = 0;
  const starts = each.tokens.map((token) => (length += token.length) - token.length);
  return { ...each, starts: [...starts, length] };
}

/** The place of a variant that the chosen character stands in; from 1 on, since nothing predicts the first token. */
const placeOf = ({ starts }) =>
  Math.max(
    1,
    starts.findLastIndex((start) => start <= at),
  );

function show(host) {
  const drawn = answer?.variants.filter((each) => each.tokens) ?? [];
  const empty = answer ? null : nothingYet(t("beliefs_what"));
  host.asking.bar(!ready().length);
  host.warmth.hidden = host.table.element.hidden = !drawn.length;
  fill(
    host.apart,
    (answer?.disagreements ?? []).map((pair) => disagreement(host, pair)),
  );
  const columnOf = ({ variant }) =>
    one(
      host,
      answer?.variants.find((other) => other.variant === variant),
      variant,
    );
  views = [];
  fill(host.columns, empty ? emptyColumns(empty, "beliefs") : trained.variants.map(columnOf));
  host.table.renew();
}

function one(host, each, variant) {
  if (each?.refusal) return column(variant, placeholder(pick(each.refusal.text), "beliefs"));
  if (!each?.tokens) return column(variant, placeholder(notYet(), "beliefs"));
  const known = each.losses.filter((loss) => loss != null);
  const mean = known.reduce((sum, loss) => sum + loss, 0) / known.length;
  const told = t(known.length ? "beliefs_mean" : "beliefs_count", {
    tokens: each.tokens.length,
    loss: mean.toFixed(2),
  });
  const view = { each, line: reading(host, each), bars: h("div", { class: "likeliest" }) };
  views.push(view);
  choose(view);
  return column(
    variant,
    h("p", { class: "note", text: told }),
    view.line,
    view.bars,
    each.notes.map((said) => h("p", { class: "note", text: pick(said) })),
  );
}

// The sentence, a span a token, and after it the place of the next one.
function reading(host, each) {
  const spans = each.tokens.map((token, place) => {
    const loss = each.losses[place];
    const title =
      loss == null ? t("beliefs_first") : t("beliefs_loss", { loss: loss.toFixed(2), share: percent(Math.exp(-loss)) });
    return h("span", {
      class: "read",
      "data-place": place,
      style: `--surprise: ${surprise(loss)}`,
      title,
      text: visible(token),
    });
  });
  const next = h("span", { class: "read next", "data-place": each.tokens.length, title: t("beliefs_next"), text: "?" });
  const label = t("beliefs_reading", { letter: letterOf(each.variant) });
  const line = h("p", { class: "reading", tabindex: "0", role: "group", "aria-label": label }, spans, next);
  const go = (place) => {
    at = each.starts[Math.max(1, Math.min(each.tokens.length, place))];
    lookThere(host);
  };
  line.addEventListener("click", ({ target }) => target.dataset.place && go(Number(target.dataset.place)));
  line.addEventListener("keydown", (event) => {
    if (!STEPS[event.key]) return;
    event.preventDefault();
    go(placeOf(each) + STEPS[event.key]);
  });
  return line;
}

const surprise = (loss) => Math.min(1, (loss ?? 0) / SURPRISED).toFixed(3);

function lookThere(host) {
  views.forEach(choose);
  for (const button of host.apart.querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(Number(button.dataset.start) === at));
}

// The likeliest tokens at the chosen place, and what stands there marked.
function choose({ each, line, bars }) {
  const place = placeOf(each);
  const { likeliest, log_z } = each.places[place - 1];
  const log_z_now = log_z[answer.temperatures.indexOf(temperature)];
  const real = place < each.tokens.length ? each.tokens[place] : null;
  const rows = likeliest.map(([token, log_p]) => {
    const share = Math.exp(log_p / temperature - log_z_now);
    const name = h("code", { text: visible(token) });
    const track = h("span", { class: "track" }, h("i", { class: "filled", style: `width: ${100 * share}%` }));
    return h(
      "li",
      { class: token === real ? "real" : "", ...(token === real && { title: t("beliefs_real") }) },
      name,
      track,
      h("b", { text: percent(share) }),
    );
  });
  const read = each.tokens.slice(0, place).join("");
  const quoted = visible(read.length > UNCUT ? `…${read.slice(1 - UNCUT)}` : read);
  fill(bars, h("p", { class: "note", text: t("beliefs_after", { read: quoted }) }), h("ol", {}, rows));
  for (const span of line.children) span.classList.toggle("chosen", Number(span.dataset.place) === place);
}

const percent = (share) => (share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`);

// The places at which two variants expect something else, as buttons that go there.
function disagreement(host, { a, b, places }) {
  const first = answer.variants.find((each) => each.variant === a);
  const letters = { a: letterOf(a), b: letterOf(b) };
  if (!places.length) return h("p", { class: "note", text: t("beliefs_agree", letters) });
  const buttons = places.map(({ place, nats }) => {
    const read = first.tokens.slice(0, place).join("").slice(-12);
    const start = first.starts[place];
    const text = t("beliefs_place", { read: visible(read), nats: nats.toFixed(2) });
    return h("button", {
      class: "plain",
      "data-start": start,
      "aria-pressed": "false",
      text,
      onclick: () => ((at = start), lookThere(host)),
    });
  });
  return h("div", { class: "between" }, h("span", { class: "note", text: t("beliefs_disagree", letters) }), buttons);
}

// Every token of every variant with its loss, for the table.
function losses() {
  const there = answer.variants.filter((each) => each.tokens);
  const rowsOf = ({ variant, tokens, losses: nats }) =>
    tokens.map((token, place) => [letterOf(variant), place + 1, visible(token), figure(nats[place])]);
  return there.flatMap(rowsOf);
}

// What the darkness of a token means.
function scale() {
  const steps = SCALE.map((nats) =>
    h("span", { style: `--surprise: ${surprise(nats)}`, text: nats < SURPRISED ? String(nats) : `≥ ${nats}` }),
  );
  return h(
    "div",
    { class: "surprise-scale", "aria-hidden": "true" },
    steps,
    h("span", { class: "unit", text: () => t("beliefs_nats") }),
  );
}
