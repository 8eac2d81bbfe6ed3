// Train and Stop, progress and time left; following an experiment live, and finding it again after a reload.

import { fill, h } from "./dom.js";
import { experiment, keepAddress } from "./describing.js";
import { letterIn } from "./letters.js";
import { notice } from "./notices.js";
import { duration, exact, short } from "./numbers.js";
import { owner } from "./owner.js";
import { fold, GOING, listen, page, tell, training } from "./page.js";
import { reasons } from "./recipe.js";
import { ask, follow } from "./server.js";
import { onLanguage, pick, t } from "./words.js";

const RETRY = 4000; // ms without any news of a going experiment after which it is asked for again

let starting = false;
let stopping = false;
let heard = 0;
let pressed = Promise.resolve(); // the last press on pause, step or continue, once it is answered

export function openTraining({ buttons, status, progress, more, open }) {
  const train = h("button", { class: "primary train", text: () => t("train"), onclick: () => startTraining() });
  const stop = h("button", { class: "stop", text: () => t("stop"), onclick: () => halt() });
  const resume = h("button", {
    class: "resume",
    text: () => t("resume"),
    title: () => t("resume_help"),
    onclick: () => goOn(),
  });
  const says = h("span", { class: "says", role: "status" });
  const held = h("button", { class: "plain pause", onclick: () => hold(page.results.paused == null ? "hold" : "go") });
  const once = h("button", { class: "plain once", text: () => t("step_once"), onclick: () => hold("step") });
  fill(buttons, open, train, stop, resume);
  fill(status, says, held, once, more);
  const renew = () => {
    const barred = reasons();
    train.disabled = starting || barred.length > 0 || !page.described;
    train.title = barred.length ? pick(barred[0].text) : "";
    train.textContent = starting ? t("starting") : t("train");
    stop.disabled = !training() || stopping;
    stop.textContent = stopping && training() ? t("stopping") : t("stop");
    held.hidden = once.hidden = !training() || page.limits.name === "zerogpu" || Boolean(page.results.cluster);
    held.textContent = t(page.results?.paused == null ? "pause" : "continue");
    once.disabled = page.results?.paused == null;
    stop.hidden = resumable();
    resume.hidden = !resumable();
    resume.disabled = starting;
    says.classList.toggle("bad", barred.length > 0 && !training());
    says.textContent = training()
      ? inWords()
      : barred.length
        ? barred.map(({ letter, text }) => [letter, pick(text)].filter(Boolean).join(t("colon"))).join(" ")
        : idle();
    bar(progress);
  };
  for (const kind of ["choices", "described", "results", "training"]) listen(kind, renew);
  onLanguage(renew);
  setInterval(watch, RETRY);
}

/** Trains what is chosen, `says` being what there is to be seen; a second press while the first is on its way does nothing. */
export async function startTraining(says = null) {
  if (starting) return;
  starting = true;
  tell("training");
  try {
    const said = await ask("train", { ...experiment(), owner: owner(), inside: page.inside });
    if (said.refusal) refuse(said.refusal);
    else {
      if (said.hash !== page.hash && said.hash) {
        page.hash = said.hash;
        tell("choices");
      }
      page.expected = says && { id: said.id, says };
      attach(said.id, true);
    }
  } catch {
    notice(t("no_answer"), true);
  } finally {
    starting = false;
    tell("training");
  }
}

// Where the content is not the link's, the second press trains on what there is, as an experiment of its own.
function refuse({ text, fields }) {
  const other = page.hash && fields.includes("recipe.data");
  if (other) page.hash = null;
  notice([pick(text), other && t("train_again")].filter(Boolean).join(" "), true);
}

async function halt() {
  stopping = true;
  tell("training");
  try {
    const said = await ask("stop", { id: page.results.id, owner: owner() });
    if (said.refusal) notice(pick(said.refusal.text), true);
  } catch {
    stopping = false;
    notice(t("no_answer"), true);
    tell("training");
  }
}

/**
 * Lets what is trained wait ("hold"), do one step ("step"), or go on ("go"). In the order of the presses: two requests under
 * way at once may overtake each other.
 */
function hold(what) {
  const { id } = page.results;
  pressed = pressed.then(async () => {
    const said = await ask("pause", { id, what, owner: owner() }).catch(() => null);
    if (!said || said.refusal) notice(said ? pick(said.refusal.text) : t("no_answer"), true);
  });
}

/** Did runs of the experiment shown break off, the server being restarted or a process ended? */
const resumable = () => addable() && Boolean(page.results.resumable);

/** Goes on with what broke off, from where it was last saved. */
async function goOn() {
  const { id } = page.results;
  await again(() => ask("resume", { id, owner: owner() }));
  listenTo(id); // says how it stands, whatever came of it
}

async function again(asked) {
  if (starting) return null;
  starting = true;
  page.results.state = "queued";
  tell("results");
  try {
    const said = await asked();
    if (said.refusal) notice(pick(said.refusal.text), true);
    return said.refusal ? null : said;
  } catch {
    notice(t("no_answer"), true);
    return null;
  } finally {
    starting = false;
  }
}

/** Can the experiment shown be gone on with? One of this page, that has ended. */
export const addable = () =>
  Boolean(page.results?.live) && !GOING.has(page.results.state) && page.results.runs.length > 0;

/** More seeds of the experiment shown, beside those it has. */
export async function addSeeds() {
  const { id, seeds } = page.results;
  if (starting) return;
  const said = await again(() => ask("add_seeds", { id, owner: owner() }));
  if (said && page.seeds === String(seeds)) {
    page.seeds = String(said.seeds);
    tell("choices");
  }
  listenTo(id); // says how it stands, whatever came of it
}

/** Follows experiment `id`; what was shown before stays as a ghost. */
export function attach(id, fresh = false) {
  const before = page.results;
  if (fresh && before?.live && !before.form && before.id !== id && before.runs.some((run) => run.curve.step.length))
    page.ghosts = [before, ...page.ghosts].slice(0, 3);
  // A sweep stays behind the next one of the same number: what was flipped between them is then seen.
  if (fresh && before?.live && before.form?.kind === "sweep" && before.id !== id)
    page.sweeps = [{ form: before.form, chosen: before.chosen }, ...page.sweeps].slice(0, 2);
  stopping = false;
  page.results = {
    id,
    live: true,
    state: "queued",
    runs: [],
    variants: [],
    references: [],
    verdicts: [],
    unknown: false,
  };
  keepAddress();
  fold(true);
  tell("results");
  if (fresh) scrollTo({ top: 0, behavior: "instant" });
  listenTo(id);
}

function listenTo(id) {
  heard = performance.now();
  follow("follow", { id, owner: owner() }, (value) => {
    heard = performance.now();
    if (value.refusal) return notice(pick(value.refusal.text), true);
    if (value.unknown) {
      notice(t("no_such_run"), true);
      page.results = page.shipped;
      fold(false);
      keepAddress();
    } else page.results = shaped(value, true);
    tell("results");
  });
}

// The stream of a going experiment never falls silent; when it does, the connection was lost and is made anew.
function watch() {
  if (training() && performance.now() - heard > RETRY) listenTo(page.results.id);
}

/** A result as the panels read it: variants are called by their names in the page's language. */
export function shaped(value, live) {
  const variants = value.variants.map((variant) => ({
    ...variant,
    get name() {
      return pick(variant.title);
    },
  }));
  return { ...value, variants, live };
}

const share = (run) => (GOING.has(run.state) ? run.progress : 1);

function bar(progress) {
  const runs = page.results?.live ? page.results.runs : [];
  const part = runs.length ? runs.reduce((sum, run) => sum + share(run), 0) / runs.length : 0;
  progress.setAttribute("aria-valuenow", Math.round(100 * part));
  progress.firstChild.style.width = `${100 * part}%`;
}

// Of one seed, all runs go side by side: said is what each has done. Of several, what all have done.
function sharing() {
  const { runs, seeds } = page.results;
  return seeds === 1 ? Math.max(1, runs.filter((run) => run.planned_tokens).length) : 1;
}

function inWords() {
  const { runs, place, wait, left, cluster } = page.results;
  if (page.results.paused != null) return t("paused_at", { step: exact(page.results.paused) });
  if (!runs.some((run) => run.state !== "queued"))
    return [cluster && nodes(cluster), queued(place, wait)].filter(Boolean).join(" · ");
  const done = runs.reduce((sum, run) => sum + run.tokens, 0) / sharing();
  const planned = runs.reduce((sum, run) => sum + (run.planned_tokens ?? 0), 0) / sharing();
  const parts = [
    planned ? t("tokens_of", { done: short(done), planned: short(planned) }) : t("tokens_done", { done: short(done) }),
  ];
  if (left != null) parts.push(t("time_left", { time: duration(left) }));
  // Of a cluster's many runs, the speeds of single ones say little.
  return [...(cluster ? [nodes(cluster), ...parts] : [...parts, ...speeds()])].join(" · ");
}

/** "2 nodes, 4 cores: 4 runs going, 8 waiting", of everybody. */
function nodes({ refused, ...counts }) {
  return refused ? pick(refused) : t(counts.gpus ? "cluster_gpus" : "cluster_cores", counts);
}

function queued(place, wait) {
  if (!place) return t("queued");
  return wait >= 1 ? t("queued_wait", { place, time: duration(wait) }) : t("queued_at", { place });
}

/** "A 12.9 k tokens/s" for every letter of which something is being trained: of a form that may be several variants. */
function speeds() {
  const going = page.results.runs.filter((run) => run.state === "running" && run.tokens_per_second);
  const latest = new Map(going.map((run) => [letterIn(page.results, run.variant), run.tokens_per_second]));
  return [...latest].sort().map(([letter, speed]) => t("tokens_per_second", { letter, speed: short(speed) }));
}

function idle() {
  const { results } = page;
  if (!results?.live) return t("ready");
  const trained = results.runs.reduce((sum, run) => sum + run.tokens, 0) / sharing();
  return t(`experiment_${results.state}`, { done: short(trained), time: duration(results.seconds) });
}
