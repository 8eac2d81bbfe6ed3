// A finished result played as if it were being trained: its curves grow, the verdict comes at the end. Nothing is trained.

import { fill, h } from "./dom.js";
import { GOING, listen, page, tell } from "./page.js";
import { t } from "./words.js";

const TICK = 200; // ms
const STEPS = 100; // of the slider

let whole = null; // the result that is played
let shown = STEPS;
let timer = 0;
let seconds = 12;
let waiting = false;
let wanted = null; // the id of the result to be played; null: whatever is shown

/** Can the result shown be played? One that has ended, with curves. */
export const playable = () =>
  Boolean(page.results) && !GOING.has(page.results.state) && page.results.runs.some((run) => run.curve.step.length > 2);

/** The bar with the replay's buttons; hidden until something is played. */
export function replayBar() {
  const play = h("button", { class: "replay-play", onclick: () => (timer ? pause() : resume()) });
  const step = h("button", { text: () => t("replay_step"), onclick: () => (pause(), to(shown + 1)) });
  const slider = h("input", {
    type: "range",
    min: "0",
    max: String(STEPS),
    "aria-label": () => t("replay"),
    oninput: () => drawn(Number(slider.value)),
  });
  const says = h("span", { class: "note" });
  const end = h("button", { class: "plain", text: () => t("replay_end"), onclick: () => (to(STEPS), leave()) });
  const bar = h("section", { class: "card replay", hidden: true, "aria-label": () => t("replay") });
  fill(bar, play, step, slider, says, end);
  const drawn = (part) => (pause(), to(part)); // what is asked for is read first: pausing sets the slider
  const renew = () => {
    if (whole && page.results?.id !== whole.id) leave();
    bar.hidden = !whole;
    play.textContent = t(timer ? "pause" : "replay_play");
    slider.value = shown;
    says.textContent = t("replay_at", { part: shown });
    if (waiting && playable() && page.described && (wanted ?? page.results.id) === page.results.id)
      ((waiting = false), start());
  };
  for (const kind of ["results", "replay", "described"]) listen(kind, renew);
  return bar;
}

/** Plays result `id`, or the one that is shown, once it is there, in so many seconds. */
export function playWhenThere(lasting, id) {
  [seconds, wanted, waiting] = [lasting, id, true];
}

/** Plays what is shown from its beginning. Who wants no motion gets the slider, at the end. */
export function start() {
  whole = page.results;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return void tell("replay");
  to(0);
  resume();
}

function resume() {
  if (shown >= STEPS) to(0);
  const began = performance.now() - (shown / STEPS) * 1000 * seconds;
  timer = setInterval(() => {
    to(((performance.now() - began) / (1000 * seconds)) * STEPS);
    if (shown >= STEPS) pause();
  }, TICK);
  tell("replay");
}

function pause() {
  clearInterval(timer);
  timer = 0;
  tell("replay");
}

function leave() {
  [whole, shown] = [null, STEPS];
  pause();
}

function to(part) {
  shown = Math.max(0, Math.min(STEPS, Math.round(part)));
  page.results = shown >= STEPS ? whole : cut(whole, shown / STEPS);
  tell("results");
}

/** The result as it was when this part of every run was trained. */
function cut(results, part) {
  const runs = results.runs.map((run) => {
    const points = Math.max(1, Math.ceil(part * run.curve.step.length));
    const curve = Object.fromEntries(
      Object.entries(run.curve).map(([name, values]) => [name, values.slice(0, points)]),
    );
    return {
      ...run,
      curve,
      state: run.state === "diverged" ? "stopped" : run.state,
      val_loss: null,
      bits_per_byte: null,
    };
  });
  return { ...results, runs, verdicts: [], intervals: [] };
}
