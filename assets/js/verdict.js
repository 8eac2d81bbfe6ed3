// The verdict: sentences, a picture of every interval, what went wrong with runs, and the button for more seeds.

import { fill, h, relive } from "./dom.js";
import { exact, short } from "./numbers.js";
import { GOING, LETTERS, page, tell } from "./page.js";
import { importing, shareButton } from "./share.js";
import { playable, start } from "./replay.js";
import { addSeeds, addable } from "./training.js";
import { whichChange } from "./which-change.js";
import { pick, t } from "./words.js";

const MOST_TROUBLES = 6; // runs that went wrong, told one by one
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, EDGE] = [220, 22, 8];

/** Fills `host` with what the experiment shown has come to. */
export function judge(host) {
  const { results } = page;
  host.hidden = !results;
  if (!results) return;
  const bad = results.runs.some((run) => ["diverged", "failed", "interrupted"].includes(run.state));
  host.classList.toggle("bad", bad);
  const expected =
    page.expected?.id === results.id ? [h("span", { class: "note", text: pick(page.expected.says) })] : [];
  const said = results.verdicts.map((sentence, index) => h(index ? "span" : "b", { text: pick(sentence) }));
  if (!said.length && !expected.length && GOING.has(results.state))
    said.push(h("span", { class: "note", text: t("no_verdict_yet") }));
  const where = results.live
    ? []
    : [h("span", { class: "note", text: `${pick(results.title ?? "")} ${t("shipped_note")}` })];
  const words = h(
    "div",
    { class: "words" },
    where.length && !said.length ? [] : said,
    troubles(results),
    compiled(results),
    where,
    expected,
  );
  fill(host, words, leads(results), intervals(results.intervals ?? []), ends());
}

// What went wrong with a run, in words; several seeds that diverged are counted in the sentences.
function troubles(results) {
  const counted =
    results.seeds > 1 && !results.form
      ? ["failed", "interrupted", "stopped"]
      : ["diverged", "failed", "interrupted", "stopped"];
  const told = results.runs.filter((run) => counted.includes(run.state));
  const more = told.length - MOST_TROUBLES;
  const rest = more > 0 ? [h("span", { class: "note", text: t("form_and_more", { count: more }) })] : [];
  return [...told.slice(0, MOST_TROUBLES).map((run) => trouble(results, run)), ...rest];
}

// What became of compiling, of each variant's first run, where the recipe asks for it.
function compiled(results) {
  const told = results.runs.filter((run) => run.seed === 0 && run.compiled).slice(0, MOST_TROUBLES);
  const what = ({ step, reason }) =>
    reason ? t("run_not_compiled", { reason: pick(reason) }) : t("run_compiled", { step: exact(step + 1) });
  return told.map((run) =>
    h("span", { class: "note", text: `${whoOf(results, run.variant)}${t("colon")}${what(run.compiled)}` }),
  );
}

// Where it shows why a variant has learnt next to nothing, or has diverged: places on this page.
function leads(results) {
  if (!results.live || results.form) return null;
  const stuck = results.stuck ?? [];
  const lost = results.variants.flatMap((_, index) =>
    stuck.includes(index) || results.runs.some((run) => run.variant === index && run.state === "diverged")
      ? [LETTERS[index]]
      : [],
  );
  if (!lost.length) return null;
  const to = (panel, key) =>
    h("button", {
      class: "plain",
      text: t(key),
      onclick: () => document.querySelector(`[data-panel=${panel}]`).scrollIntoView({ block: "start" }),
    });
  return h(
    "div",
    { class: "leads" },
    h("span", { class: "note", text: t(stuck.length ? "verdict_stuck" : "verdict_why", { letters: lost.join(", ") }) }),
    to("inside", "inside"),
    to("stability", "lab"),
  );
}

function trouble(results, run) {
  const who = `${whoOf(results, run.variant)}${results.seeds > 1 ? ` · ${t("seed")} ${run.seed}` : ""}${t("colon")}`;
  const what =
    run.state === "failed" || run.state === "interrupted"
      ? pick(run.reason) || t("run_failed")
      : t(`run_${run.state}`, { step: run.diverged_at ?? run.step });
  return h("span", { class: "note", text: who + what });
}

const whoOf = (results, variant) =>
  results.form
    ? `${results.variants[variant].letter} ${results.variants[variant].name}`
    : (LETTERS[variant] ?? variant + 1);

// Every pair on one scale: the line is the best variant, dot and whisker how far the other is behind it.
function intervals(pictures) {
  if (!pictures.length) return null;
  const reach = pictures.flatMap(({ behind, low, high, noise }) => [
    behind,
    low ?? behind,
    high ?? behind,
    behind + (noise ?? 0),
    -(noise ?? 0),
    0,
  ]);
  const [least, most] = [Math.min(...reach), Math.max(...reach)];
  const place = (value) => EDGE + ((value - least) / (most - least || 1)) * (WIDTH - 2 * EDGE);
  return h(
    "div",
    { class: "intervals" },
    pictures.map((each) => row(each, place)),
  );
}

function row(each, place) {
  const { best, other, behind, low, high, noise, told } = each;
  const interval = low == null ? (noise == null ? "" : `± ${short(noise)}`) : `${short(low)} … ${short(high)}`;
  const words = t("interval_words", {
    other,
    best,
    behind: short(behind),
    interval: interval || "–",
    unit: pick(each.unit),
  });
  const letter = (name) => h("b", { class: "in-colour", "data-letter": name, text: name, "aria-hidden": "true" });
  return h(
    "div",
    { class: "interval", title: `${words} ${t(low == null ? "interval_noise" : "interval_help")}` },
    letter(best),
    picture(each, place, words, told),
    letter(other),
    h("span", { class: "note", text: `${behind < 0 ? "" : "+"}${short(behind)}` }),
  );
}

function picture({ behind, low, high, noise, other }, place, words, told) {
  const drawn = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    width: WIDTH,
    height: HEIGHT,
    role: "img",
    "aria-label": words,
    "data-letter": other,
  });
  const middle = HEIGHT / 2;
  if (noise != null)
    drawn.append(
      svg("rect", { class: "noise", x: place(-noise), width: place(noise) - place(-noise), y: 3, height: HEIGHT - 6 }),
    );
  drawn.append(svg("line", { class: "best", x1: place(0), x2: place(0), y1: 1, y2: HEIGHT - 1 }));
  if (low != null) {
    drawn.append(svg("line", { class: "whisker", x1: place(low), x2: place(high), y1: middle, y2: middle }));
    for (const end of [low, high])
      drawn.append(svg("line", { class: "whisker", x1: place(end), x2: place(end), y1: middle - 4, y2: middle + 4 }));
  }
  drawn.append(svg("circle", { class: told ? "dot told" : "dot", cx: place(behind), cy: middle, r: 4.5 }));
  return drawn;
}

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Does the server hold what is shown, though it is not of this page? It was trained before and ships. */
const kept = () => !page.results.live && page.prepared.some(({ id }) => id === page.results.id);

let taking;

/** One for good: what is said of a file outlasts that the verdict is drawn anew. */
function taken() {
  taking ??= importing();
  relive(taking);
  return taking;
}

function ends() {
  const dismiss = () => {
    page.ghosts = [];
    tell("results");
  };
  const more =
    addable() &&
    h("button", { class: "more-seeds", text: t("add_seeds"), title: t("add_seeds_help"), onclick: addSeeds });
  const less = page.ghosts.length > 0 && h("button", { class: "plain", text: t("dismiss_ghosts"), onclick: dismiss });
  const again =
    playable() && h("button", { class: "plain", text: t("replay"), title: t("replay_help"), onclick: start });
  const buttons = [
    whichChange(),
    more,
    again,
    (addable() || kept()) && shareButton(),
    !page.results.live && taken(),
    less,
  ].filter(Boolean);
  return buttons.length ? h("span", { class: "end" }, buttons) : null;
}
