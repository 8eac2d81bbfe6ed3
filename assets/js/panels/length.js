// Length: the loss of every trained variant by position, up to eight times what it was trained at; measured on request.

import { chart } from "../charts.js";
import { hueOf, letterOf } from "../curves.js";
import { nothingYet } from "../compared.js";
import { fill, h } from "../dom.js";
import { picture, tabulated } from "../length-picture.js";
import { notice } from "../notices.js";
import { owner } from "../owner.js";
import { bring, page } from "../page.js";
import { ask } from "../server.js";
import { startTraining } from "../training.js";
import { onTrained, ready, trained, training } from "../trained.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 3.7;
export const wide = true;
export const title = () => t("length");
export const note = () => t("length_note");
export const suits = () => true;

const GOING = new Set(["queued", "running"]);
const POLL = 400; // ms between two looks at what the workers do

export function mount(body) {
  const state = { id: null, variants: [], pressed: false, scalings: true, wanted: null };
  const start = h("button", { class: "primary", onclick: () => measure(state, take, show) });
  const every = h("button", { text: () => t("length_every"), title: () => t("length_every_help"), onclick: () => trainEvery(state) });
  const box = h("input", { type: "checkbox", checked: true, onchange: () => ((state.scalings = box.checked), show()) });
  const scalings = h("label", { class: "check" }, box, h("span", { text: () => t("length_scalings") }));
  const says = h("p", { class: "note", role: "status" });
  const area = h("div", { class: "chart" });
  const findings = h("ul", { class: "findings" });
  const table = h("details", { class: "data-table" }, h("summary", { text: () => t("length_table") }), h("div", { class: "scroll", tabindex: "0" }));
  body.append(h("div", { class: "measured length" }, h("div", { class: "asking" }, start, every, scalings, says), area, findings, table));
  const drawn = chart(area, () => picture(lines(state), t(ready().length || training() ? "length_nothing" : "length_untrained")));
  let timer = 0;

  const show = () => {
    const busy = state.pressed || going(state);
    start.disabled = busy || training() || !ready().length || !state.variants.some(({ made }) => made?.state !== "finished");
    start.textContent = t(busy ? "length_running" : "length_start");
    every.disabled = training() || busy;
    scalings.hidden = !measured(state).some(({ found }) => found.lines.length > 1);
    says.textContent = inWords(state, busy);
    fill(findings, told(state));
    table.hidden = !measured(state).length;
    fill(table.lastChild, tabulated(lines(state)));
    drawn.draw();
  };

  function take(id, said) {
    clearTimeout(timer);
    if (id !== trained.id) return;
    Object.assign(state, { id, variants: said.variants ?? [] });
    if (going(state)) timer = setTimeout(look, POLL);
    show();
  }

  async function look() {
    clearTimeout(timer);
    const { id } = trained;
    if (!id || !ready().length) return take(id, {});
    try {
      take(id, await ask("beyond", { id }));
    } catch {
      timer = setTimeout(look, 4 * POLL);
      return;
    }
    // All positions were asked for with their lengths: measured as soon as they are trained.
    if (state.wanted === id && !training()) {
      state.wanted = null;
      measure(state, take, show);
    }
  }

  onTrained(look);
  onLanguage(show);
  show();
  return { update: () => ready().length || show() };
}

async function measure(state, take, show) {
  state.pressed = true;
  show();
  const { id } = trained;
  try {
    const said = await ask("measure_beyond", { id, owner: owner() });
    if (said.refusal) notice(pick(said.refusal.text), true);
    else take(id, said);
  } catch {
    notice(t("no_answer"), true);
  }
  state.pressed = false;
  show();
}

// One model with every position option takes the place of what is chosen, is trained, and then reads on.
async function trainEvery(state) {
  const said = await ask("every_position").catch(() => null);
  if (!said) return void notice(t("no_answer"), true);
  bring(said);
  await startTraining();
  state.wanted = page.results?.id ?? null;
}

const going = ({ variants }) => variants.some(({ made }) => GOING.has(made?.state));

/** The variants that have read on. */
const measured = ({ variants }) => variants.flatMap(({ variant, made }) => (made?.found ? [{ variant, found: made.found, sentence: made.sentence }] : []));

const nameOf = (variant) => {
  const { name, hue } = page.results?.variants[variant] ?? {};
  return hue ? name : `${letterOf(page.results, variant)} ${name}`;
};

/** A line for every variant as trained, and for every way to slow its RoPE. */
function lines(state) {
  if (!page.results || state.id !== page.results.id) return [];
  return measured(state).flatMap(({ variant, found }) =>
    found.lines.filter(({ scaling }) => state.scalings || scaling === "none").map((line) => ({ ...line, variant, context: found.context, ends: found.stopped === "positions", name: nameOf(variant) })),
  );
}

function inWords(state, busy) {
  const [first] = measured(state);
  if (first && !busy) return t("length_how", first.found);
  return nothingYet(t("length_what")) ?? t(busy ? "length_working" : "length_ask");
}

function told(state) {
  if (!page.results || state.id !== page.results.id) return [];
  return state.variants.flatMap(({ variant, made }) => {
    if (!made || GOING.has(made.state)) return [];
    const letter = hueOf(page.results, variant).toUpperCase();
    if (made.state !== "finished") return [h("li", { class: "refusal", "data-letter": letter, text: `${nameOf(variant)}${t("colon")}${pick(made.reason) || t("length_failed")}` })];
    const short = made.found.stopped && made.found.stopped !== "positions" ? ` ${t(`length_stopped_${made.found.stopped}`, made.found)}` : "";
    return [h("li", { "data-letter": letter, text: pick(made.sentence).replaceAll("{name}", nameOf(variant)) + short })];
  });
}
