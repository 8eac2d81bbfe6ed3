// From an experiment's runs to lines: mean and band over seeds, smoothing, ghosts. Knows no Plotly and no element.

import { hueIn, letterIn } from "./letters.js";
import { GOING } from "./page.js";

/** What the x axis may show, in the order of the switch. */
export const X = ["tokens", "step", "seconds", "flops"];

const HALF_LIFE = 6; // points after which a smoothed line has forgotten half

/**
 * The lines of `what` against `x`, of every variant: [{variant, letter, kind, x, y, low, high}]. One is its mean, with a
 * band where it is of several seeds; a seed that is still going, or that diverged, has a line of its own until it counts.
 */
export function lines(results, what, x, smooth = false) {
  return results.variants.flatMap((_, variant) => {
    const runs = results.runs
      .filter((run) => run.variant === variant)
      .map((run) => ({ state: run.state, ...points(run, what, x) }));
    const there = runs.filter((run) => run.x.length);
    const diverged = there.filter((run) => run.state === "diverged");
    const counted = ofMean(there.filter((run) => run.state !== "diverged"));
    const going = there.filter((run) => GOING.has(run.state) && !counted.includes(run));
    const made = [
      ["mean", counted],
      ...going.map((run) => ["going", [run]]),
      ...diverged.map((run) => ["diverged", [run]]),
    ];
    return made
      .filter(([, own]) => own.length)
      .map(([kind, own]) => ({
        variant,
        letter: letterIn(results, variant),
        hue: hueIn(results, variant),
        kind,
        ...line(own, smooth),
      }));
  });
}

// The finished seeds; before there is one, those that were stopped; before there is any, the first that is going.
function ofMean(runs) {
  const finished = runs.filter((run) => run.state === "finished");
  const over = runs.filter((run) => !GOING.has(run.state));
  return finished.length ? finished : over.length ? over : runs.slice(0, 1);
}

function line(runs, smooth) {
  const made = average(runs);
  const even = (numbers) => (smooth && numbers ? smoothed(numbers) : numbers);
  return { ...made, y: even(made.y), low: even(made.low), high: even(made.high) };
}

function points({ curve }, what, x) {
  const there = curve[what].map((value, index) => (value == null ? -1 : index)).filter((index) => index >= 0);
  return {
    key: there.map((index) => curve.step[index]),
    x: there.map((index) => curve[x][index]),
    y: there.map((index) => curve[what][index]),
  };
}

// Seeds have their points at the same steps; seconds differ a little, and are averaged.
function average(runs) {
  const byStep = new Map();
  for (const run of runs) {
    run.key.forEach((step, index) => {
      const at = byStep.get(step) ?? { x: [], y: [] };
      at.x.push(run.x[index]);
      at.y.push(run.y[index]);
      byStep.set(step, at);
    });
  }
  const whole = [...byStep].filter(([, at]) => at.y.length === runs.length).sort(([a], [b]) => a - b);
  const rows = whole.map(([, at]) => ({ x: mean(at.x), y: mean(at.y), error: standardError(at.y) }));
  const band = runs.length > 1;
  return {
    x: rows.map((row) => row.x),
    y: rows.map((row) => row.y),
    low: band ? rows.map((row) => row.y - row.error) : null,
    high: band ? rows.map((row) => row.y + row.error) : null,
  };
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

function standardError(numbers) {
  if (numbers.length < 2) return 0;
  const middle = mean(numbers);
  const variance = numbers.reduce((sum, number) => sum + (number - middle) ** 2, 0) / (numbers.length - 1);
  return Math.sqrt(variance / numbers.length);
}

/** An exponential mean without the bias of its start. */
export function smoothed(numbers) {
  const keep = 0.5 ** (1 / HALF_LIFE);
  let [sum, weight] = [0, 0];
  return numbers.map((number) => {
    sum = keep * sum + (1 - keep) * number;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  });
}
