// What each says next: the samples that training ended with, and text from the exported files, streamed side by side.

import { column, emptyColumns, letterOf, notYet, nothingYet, placeholder } from "../compared.js";
import { fill, h } from "../dom.js";
import { notice } from "../notices.js";
import { short } from "../numbers.js";
import { page } from "../page.js";
import { exportVariant, exporting, onTrained, ready, trained } from "../trained.js";
import { follow } from "../server.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 4;
export const wide = true;
export const title = () => t("says");
export const note = () => t("says_note");

const NUMBERS = [["temperature", "0.8", "decimal"], ["length", "200", "numeric"], ["seed", "0", "numeric"]];
const SILENCE = 10000; // ms after which a stream that says nothing is taken for lost

let said = {}; // by variant: {text, prompt, tokens, speed, stop, refusal}
let running = false;
let wanted = false; // generation was asked for and waits for the exports
let typed = false;
let experiment = null;
let silence = 0;
const unfolded = new Set(); // variants whose samples are shown below what was generated

export function mount(body) {
  const prompt = h("textarea", { rows: "2", maxlength: "2000", spellcheck: "false", "aria-label": () => t("says_prompt"), placeholder: () => t("says_prompt") });
  const numbers = NUMBERS.map(([name, value, mode]) => {
    const input = h("input", { type: "text", inputmode: mode, value, maxlength: "12", autocomplete: "off", name });
    return { name, input, element: h("label", { class: "bar-field" }, h("span", { class: "name", text: () => t(`says_${name}`) }), input) };
  });
  const start = h("button", { type: "submit", class: "primary" });
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  const columns = h("div", { class: "compared" });
  const form = h("form", { class: "asking" }, prompt, h("div", { class: "fields" }, numbers.map(({ element }) => element), start));
  body.append(form, refusal, columns);
  const host = { prompt, numbers, start, refusal, columns };
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
    said = {};
    running = wanted = false;
  }
  if (!typed) host.prompt.value = trained.example;
  if (wanted && !missing().some(exporting)) {
    wanted = false;
    if (exported().length) generate(host);
  }
  show(host);
}

// A press exports what is missing first; what was asked for begins by itself then.
async function begin(host) {
  if (running || wanted) return;
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
  running = true;
  said = {};
  const given = { id: trained.id, prompt: host.prompt.value };
  for (const { name, input } of host.numbers) given[name] = input.value.trim();
  const lost = () => ((running = false), refuse(host, { text: t("no_answer"), fields: [] }), show(host));
  const wait = () => (clearTimeout(silence), (silence = setTimeout(lost, SILENCE)));
  follow("generate", given, (value) => {
    if (!running) return;
    wait();
    if (value.refusal) refuse(host, value.refusal);
    else for (const each of value.variants) said[each.variant] = { ...each, prompt: value.prompt };
    running = !value.refusal && !value.done;
    if (!running) clearTimeout(silence);
    show(host);
  });
  wait();
  show(host);
}

function refuse(host, refusal) {
  host.refusal.hidden = !refusal;
  host.refusal.textContent = refusal ? pick(refusal.text) : "";
  for (const { name, input } of host.numbers) input.setAttribute("aria-invalid", Boolean(refusal?.fields.includes(name)));
  host.prompt.setAttribute("aria-invalid", Boolean(refusal?.fields.includes("prompt")));
}

function show(host) {
  const empty = nothingYet(t("says_what"));
  host.start.disabled = Boolean(empty) || running || wanted;
  host.start.textContent = running ? t("says_running") : wanted ? t("says_exporting") : missing().length && !empty ? t("says_export_first") : t("says_start");
  fill(host.columns, empty ? (shippedSamples() ?? emptyColumns(empty, "generated")) : trained.variants.map(one));
  for (const text of host.columns.querySelectorAll(".generated")) if (running) text.scrollTop = text.scrollHeight;
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
  const mine = said[variant];
  if (!each.ready) return column(variant, placeholder(notYet(), "generated"));
  if (mine) return column(variant, written(mine), sampled(each, false));
  return column(variant, sampled(each, true), h("p", { class: "note", text: fileState(each) }));
}

function fileState({ variant, export: made }) {
  if (exporting({ export: made })) return t("onnx_running");
  if (made?.state === "finished") return t("says_file", { letter: letterOf(variant) });
  return made ? pick(made.reason) || t("onnx_failed") : t("says_no_file", { letter: letterOf(variant) });
}

function written(mine) {
  if (mine.refusal) return placeholder(pick(mine.refusal.text), "generated");
  const speed = mine.tokens ? t("says_speed", { tokens: mine.tokens, speed: short(mine.speed) }) : "";
  const text = h("p", { class: "generated", tabindex: "0" }, h("span", { class: "prompt", text: mine.prompt }), mine.text);
  const notes = [mine.stop, ...(mine.notes ?? [])].filter(Boolean).map((reason) => h("p", { class: "note", text: pick(reason) }));
  return h("div", {}, h("p", { class: "in-colour speed", text: speed }), text, notes);
}

// What training wrote at its end: open while there is nothing else, folded below what was generated.
function sampled({ variant, samples }, open) {
  if (!samples) return open ? placeholder(t("says_no_samples"), "generated") : null;
  const caption = samples.step ? t("says_samples", samples) : t("says_samples_end");
  const texts = h("p", { class: "generated", tabindex: "0", text: samples.texts.map((text) => text.trim()).join("\n\n") });
  return open ? h("div", {}, h("p", { class: "note", text: caption }), texts) : h("details", { open: unfolded.has(variant), ontoggle: (event) => unfolded[event.target.open ? "add" : "delete"](variant) }, h("summary", { class: "note", text: caption }), texts);
}
