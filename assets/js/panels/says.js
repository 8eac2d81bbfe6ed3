// What each says next: the samples that training ended with, and text from the exported files, streamed side by side.

import { column, emptyColumns, notYet, nothingYet, placeholder } from "../compared.js";
import { fill, h } from "../dom.js";
import { letterOf } from "../letters.js";
import { notice } from "../notices.js";
import { secret } from "../owner.js";
import { page } from "../page.js";
import { precisionChoice } from "../precision-choice.js";
import { samplingFold } from "../sampling.js";
import { ask, follow } from "../server.js";
import { exportVariant, exporting, onTrained, ready, trained } from "../trained.js";
import { onLanguage, pick, t } from "../words.js";
import { writtenText } from "../written.js";

export const order = 4;
export const wide = true;
export const title = () => t("says");
export const note = () => t("says_note");

const SILENCE = 10000; // ms after which a stream that says nothing is taken for lost

let said = {}; // by variant: {text, prompt, tokens, speed, first, stop, unknown, refusal, waiting}
let views = {}; // by variant: the text as it is written
let writing = null; // the name under which the server writes, while it does
let wanted = false; // generation was asked for and waits for the exports
let typed = false;
let experiment = null;
let silence = 0;
const unfolded = new Set(); // variants whose samples are shown below what was generated

export function mount(body) {
  const prompt = h("textarea", {
    rows: "2",
    maxlength: "2000",
    spellcheck: "false",
    "aria-label": () => t("says_prompt"),
    placeholder: () => t("says_prompt"),
  });
  const length = h("input", { type: "text", inputmode: "numeric", value: "200", maxlength: "12", autocomplete: "off", name: "length" });
  const tokens = h("label", { class: "bar-field" }, h("span", { class: "name", text: () => t("says_length") }), length);
  const [precision, sampling] = [precisionChoice(), samplingFold()];
  const start = h("button", { type: "submit", class: "primary" });
  const stop = h("button", { type: "button", class: "halt", text: () => t("says_stop"), onclick: () => halt(host) });
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  const columns = h("div", { class: "compared" });
  const form = h(
    "form",
    { class: "asking" },
    prompt,
    h("div", { class: "fields" }, tokens, precision.element, start, stop),
    sampling.element,
  );
  body.append(form, refusal, columns);
  const host = { prompt, length, precision, sampling, start, stop, refusal, columns };
  form.addEventListener("submit", (event) => (event.preventDefault(), begin(host)));
  prompt.addEventListener("input", () => (typed = true));
  onTrained(() => renew(host));
  onLanguage(() => show(host));
  show(host);
  return { update: () => ready().length || show(host) };
}

const exported = () => ready().filter((each) => each.export?.state === "finished");
const missing = () => ready().filter((each) => each.export?.state !== "finished");

function renew(host) {
  if (experiment !== trained.id) {
    experiment = trained.id;
    [said, views, wanted] = [{}, {}, false];
    drop();
  }
  if (!typed) host.prompt.value = trained.example;
  host.precision.update();
  if (wanted && !missing().some(exporting)) {
    wanted = false;
    if (exported().length) generate(host);
  }
  show(host);
}

// A press exports what is missing first; what was asked for begins by itself then.
async function begin(host) {
  if (writing || wanted) return;
  refuse(host, null);
  if (!missing().length) return generate(host);
  wanted = true;
  show(host);
  try {
    for (const each of missing().filter((other) => !exporting(other))) {
      const reason = await exportVariant(each.variant);
      if (reason) notice(pick(reason), true);
    }
  } catch {
    notice(t("no_answer"), true);
    wanted = false;
  }
  renew(host);
}

function generate(host) {
  const mine = (writing = secret());
  const prompt = host.prompt.value;
  said = Object.fromEntries(exported().map(({ variant }) => [variant, { prompt }]));
  views = Object.fromEntries(exported().map(({ variant }) => [variant, writtenText()]));
  const given = { id: trained.id, writing, prompt, length: host.length.value.trim(), ...host.precision.given(), ...host.sampling.given() };
  const lost = () => (drop(), refuse(host, { text: t("no_answer"), fields: [] }), show(host));
  const wait = () => (clearTimeout(silence), (silence = setTimeout(lost, SILENCE)));
  follow("generate", given, (value) => {
    if (writing !== mine) return;
    wait();
    hear(host, value, prompt);
  });
  wait();
  show(host);
}

function hear(host, value, prompt) {
  const { refusal, variants = [], waiting = 0, done } = value;
  if (refusal) {
    refuse(host, refusal);
    [said, views] = [{}, {}];
  }
  for (const each of variants) said[each.variant] = { ...each, prompt };
  for (const each of Object.values(said)) each.waiting = waiting;
  for (const [variant, view] of Object.entries(views)) view.update(said[variant]);
  if (!refusal && !done) return;
  ended();
  if (refusal) show(host);
  else label(host);
}

// Whoever waits for exports does not go on; the server ends what it writes, and says so.
function halt(host) {
  wanted = false;
  hush();
  label(host);
}

// Nothing more is expected of the server, which may be writing still.
function drop() {
  hush();
  ended();
}

function hush() {
  if (writing) ask("stop_writing", { writing }).catch(() => notice(t("no_answer"), true));
}

function ended() {
  clearTimeout(silence);
  writing = null;
}

function refuse(host, refusal) {
  host.refusal.hidden = !refusal;
  host.refusal.textContent = refusal ? pick(refusal.text) : "";
  host.sampling.refuse(refusal?.fields ?? []);
  for (const [name, input] of [
    ["length", host.length],
    ["prompt", host.prompt],
  ])
    input.setAttribute("aria-invalid", Boolean(refusal?.fields.includes(name)));
}

function label(host) {
  const empty = nothingYet(t("says_what"));
  host.start.disabled = Boolean(empty) || Boolean(writing) || wanted;
  host.stop.disabled = !writing && !wanted;
  host.start.textContent = writing
    ? t("says_running")
    : wanted
      ? t("says_exporting")
      : missing().length && !empty
        ? t("says_export_first")
        : t("says_start");
  return empty;
}

function show(host) {
  const empty = label(host);
  for (const [variant, view] of Object.entries(views)) view.update(said[variant]);
  fill(host.columns, empty ? (shippedSamples() ?? emptyColumns(empty, "generated")) : trained.variants.map(one));
}

// The experiment that comes with the page has no models here, but what they wrote.
function shippedSamples() {
  const { results } = page;
  if (!results || results.live) return null;
  return results.variants.map((_, variant) => {
    const texts = results.runs.find((run) => run.variant === variant)?.samples ?? [];
    const later = h("p", { class: "note", text: t("says_shipped", { letter: letterOf(variant) }) });
    return column(variant, sampled({ variant, samples: texts.length ? { texts } : null }, true), later);
  });
}

function one(each) {
  const { variant } = each;
  if (!each.ready) return column(variant, placeholder(notYet(), "generated"));
  if (views[variant]) return column(variant, views[variant].element, sampled(each, false));
  return column(variant, sampled(each, true), h("p", { class: "note", text: fileState(each) }));
}

function fileState({ variant, export: made }) {
  if (exporting({ export: made })) return t("onnx_running");
  if (made?.state === "finished") return t("says_file", { letter: letterOf(variant) });
  return made ? pick(made.reason) || t("onnx_failed") : t("says_no_file", { letter: letterOf(variant) });
}

// What training wrote at its end: open while there is nothing else, folded below what was generated.
function sampled({ variant, samples }, open) {
  if (!samples) return open ? placeholder(t("says_no_samples"), "generated") : null;
  const caption = samples.step ? t("says_samples", samples) : t("says_samples_end");
  const texts = h("p", { class: "generated", tabindex: "0", text: samples.texts.map((text) => text.trim()).join("\n\n") });
  return open
    ? h("div", {}, h("p", { class: "note", text: caption }), texts)
    : h(
        "details",
        { open: unfolded.has(variant), ontoggle: (event) => unfolded[event.target.open ? "add" : "delete"](variant) },
        h("summary", { class: "note", text: caption }),
        texts,
      );
}
