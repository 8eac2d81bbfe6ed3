// A sweep: loss, right answers or speed against the value, or against parameters or FLOPs with the power law that was fitted.

import { chart, colour, faded, logTicks } from "../charts.js";
import { fill, h } from "../dom.js";
import { hueOf, letterOf } from "../letters.js";
import { contract, figure, short } from "../numbers.js";
import { spoken } from "../naming.js";
import { page } from "../page.js";
import { segments } from "../segments.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 0.5;
export const wide = true;
export const title = () =>
  page.results?.form?.kind === "sweep"
    ? t("form_sweep", { title: pick(page.results.form.title), values: "" }).trim()
    : t("sweep");
export const note = () => t("sweep_note");
export const suits = (results) => results?.form?.kind === "sweep";

const WIDE = 8; // largest over smallest, from which on an axis is logarithmic
const TALL = 4; // largest loss over smallest, from which on that axis is logarithmic too: what broke does not flatten the rest
const STEPS = 40; // points of a drawn law
const chosen = { x: "value", y: "loss" };

export function mount(body, head) {
  const switches = h("div", { class: "switches" });
  const area = h("div", { class: "chart" });
  const troubles = h("ul", { class: "troubles note" });
  head.append(switches);
  body.append(area, troubles);
  const drawn = chart(area, describe, "sweep");
  let offered = "";
  const renew = () => {
    const there = [xs(), ys()];
    if (JSON.stringify(there) !== offered) {
      offered = JSON.stringify(there);
      fill(
        switches,
        there.map((words, index) => choice("xy"[index], words, renew)),
      );
    }
    fill(
      troubles,
      told().map((text) => h("li", { text })),
    );
    drawn.draw();
  };
  onLanguage(() => suits(page.results) && renew());
  return { update: renew };
}

const form = () => page.results.form;
const points = () => form().points;
const differ = (name) =>
  new Set(
    points()
      .map((point) => point[name])
      .filter((size) => size != null),
  ).size > 2;

// What there is to be on the axes: sizes where they differ, right answers where the data are a task.
const xs = () => ["value", ...["parameters", "flops"].filter(differ)];
const ys = () => [
  "loss",
  ...(points().some((point) => point.accuracy.mean != null && !knowsBytes(point)) ? ["accuracy"] : []),
  "speed",
];
const knowsBytes = (point) =>
  page.results.runs.some((run) => run.variant === point.variant && run.bits_per_byte != null);

function choice(axis, words, renew) {
  if (!words.includes(chosen[axis])) chosen[axis] = words[0];
  if (words.length < 2) return null;
  const choices = words.map((word) => ({ value: word, text: () => t(`sweep_${axis}_${word}`) }));
  const choose = (word) => {
    chosen[axis] = word;
    renew();
  };
  return segments({ label: () => t(`sweep_${axis}`), words: choices, chosen: chosen[axis], choose }).element;
}

const named = (value) => (form().menu ? pick(form().menu[value]) : value);
const xOf = (point) =>
  chosen.x !== "value" ? point[chosen.x] : form().menu ? named(point.value) : Number(point.value);

function describe() {
  const measured = points().filter((point) => point[chosen.y].mean != null && xOf(point) != null);
  const x = (chosen.x === "value" ? points() : measured).map(xOf); // every value is on the axis, trained yet or not
  const menu = Boolean(form().menu) && chosen.x === "value";
  const log = !menu && Math.min(...x) > 0 && Math.max(...x) / Math.min(...x) >= WIDE;
  const bases = [...new Set(points().map(({ base }) => base))];
  const lost = chosen.y === "loss" && chosen.x === "value" ? died(measured) : [];
  const before = chosen.y === "loss" && chosen.x === "value" ? earlier() : [];
  const y = measured.map((point) => point[chosen.y].mean);
  const tall = chosen.y === "loss" && measured.length && Math.max(...y) / Math.min(...y) >= TALL;
  const ticks = menu
    ? { automargin: true }
    : chosen.x === "value"
      ? { tickvals: [...new Set(x)], ticktext: [...new Set(x)].map((value) => contract(String(value))) }
      : { tickformat: "~s", ...(log && { dtick: "D2" }) };
  return {
    traces: [
      ...before,
      ...bases.flatMap((base) =>
        traces(
          base,
          measured.filter((point) => point.base === base),
        ),
      ),
      ...lost,
    ],
    layout: {
      hovermode: "closest",
      xaxis: {
        title: chosen.x === "value" ? pick(form().title) : t(`sweep_x_${chosen.x}`),
        type: menu ? "category" : log ? "log" : "linear",
        ...ticks,
      },
      yaxis: {
        title: t(chosen.y === "loss" ? "length_axis_loss" : `sweep_y_${chosen.y}`),
        ...(chosen.y === "accuracy" && { tickformat: ".0%" }),
        ...(tall && { type: "log", ...logTicks([{ y }]) }),
      },
    },
    summary: summary(measured),
    empty:
      measured.length || before.length
        ? null
        : t(points().some(({ diverged }) => diverged) ? "sweep_all_diverged" : "sweep_none"),
  };
}

function traces(base, mine) {
  const hue = colour(hueOf(base));
  const name = `${letterOf(base)} ${nameOf(base)}`;
  const y = mine.map((point) => point[chosen.y]);
  const dots = {
    type: "scatter",
    mode: form().menu ? "markers" : "lines+markers",
    name,
    legendgroup: name,
    x: mine.map(xOf),
    y: y.map(({ mean }) => mean),
    error_y: {
      type: "data",
      symmetric: false,
      array: y.map(({ mean, high }) => (high == null ? 0 : high - mean)),
      arrayminus: y.map(({ mean, low }) => (low == null ? 0 : mean - low)),
      color: hue,
      thickness: 1.5,
      width: 4,
    },
    line: { color: faded(hue, 0.5), width: 1.5 },
    marker: { size: 8, color: hue },
    customdata: mine.map((point) => named(point.value)),
    hovertemplate: `${pick(form().title)} %{customdata}: %{y:.4g}`,
  };
  return mine.length ? [...law(base, name, hue, dots.x), dots, ...ring(base, mine)] : [];
}

// Values at which runs diverged have no loss: a cross at the top of the plot, at the step where it died.
function died(measured) {
  const top = Math.max(...measured.map((point) => point.loss.mean)) * 1.04;
  const lost = points().filter(({ diverged }) => diverged && measured.length);
  return lost.map((point) => {
    const hue = colour(hueOf(point.base));
    const steps = page.results.runs
      .filter((run) => run.variant === point.variant && run.diverged_at)
      .map((run) => run.diverged_at);
    const said = t("sweep_died", { letter: letterOf(point.base), value: named(point.value), steps: steps.join(", ") });
    return {
      type: "scatter",
      mode: "markers",
      x: [xOf(point)],
      y: [top],
      marker: { symbol: "x", size: 10, color: hue },
      showlegend: false,
      hovertemplate: `${said}<extra></extra>`,
    };
  });
}

// Earlier sweeps of the same number, thin and dotted: the same axis, before something was flipped.
function earlier() {
  const same = page.sweeps.filter((other) => other.form.path === form().path && page.results.live);
  return same.flatMap((other) => {
    const bases = [...new Set(other.form.points.map(({ base }) => base))];
    return bases.map((base) => {
      const mine = other.form.points.filter((point) => point.base === base && point.loss.mean != null);
      const hue = faded(colour(hueOf(base)), 0.55);
      const name = t("sweep_before", { letter: letterOf(base), choices: changed(other.chosen, base) });
      return {
        type: "scatter",
        mode: "lines+markers",
        name,
        x: mine.map(xOf),
        y: mine.map(({ loss }) => loss.mean),
        line: { color: hue, width: 1.2, dash: "dot" },
        marker: { size: 4, color: hue },
        hovertemplate: `%{y:.4g}<extra>${name}</extra>`,
      };
    });
  });
}

// What an earlier experiment had otherwise than this one, in the words of the controls.
function changed(before, base) {
  const now = page.results.chosen;
  const words = (of) => ({ ...of.variants[base]?.changes, ...of.recipe });
  const [then, here] = [words(before), words(now)];
  const paths = [...new Set([...Object.keys(then), ...Object.keys(here)])].filter((path) => then[path] !== here[path]);
  return paths
    .map((path) =>
      then[path] == null ? t("sweep_without", { choice: spoken(path, here[path]) }) : spoken(path, then[path]),
    )
    .join(t("list_join"));
}

// Around the best value of each.
function ring(base, mine) {
  const best = form().best.find((each) => each.base === base);
  const there = chosen.y === "loss" ? mine.filter((point) => point.value === best?.value) : [];
  return there.map((point) => ({
    type: "scatter",
    mode: "markers",
    x: [xOf(point)],
    y: [point.loss.mean],
    marker: { symbol: "circle-open", size: 16, color: colour("ink"), line: { width: 2 } },
    hoverinfo: "skip",
    showlegend: false,
  }));
}

// The law is drawn over the sizes that it was fitted to, and no further.
function law(base, name, hue, x) {
  const fit = chosen.y === "loss" && form().fits.find((each) => each.base === base && each.against === chosen.x);
  if (!fit || fit.exponent.low <= 0) return [];
  const [from, to] = [Math.min(...x), Math.max(...x)];
  const sizes = Array.from({ length: STEPS }, (_, step) => from * (to / from) ** (step / (STEPS - 1)));
  const at = (size) => (fit.floor?.value ?? 0) + fit.scale * (size / fit.reference) ** -fit.exponent.value;
  return [
    {
      type: "scatter",
      mode: "lines",
      name: t("sweep_law", { name: letterOf(base) }),
      legendgroup: name,
      x: sizes,
      y: sizes.map(at),
      line: { color: hue, width: 1.5, dash: "dash" },
      hoverinfo: "skip",
    },
  ];
}

// What the variant that others were made of is called beside the other ones.
const nameOf = (base) => pick(page.results.bases[base]);

// What is not on the plot, and why.
function told() {
  return points().flatMap(({ base, value, why, diverged, loss }) => {
    const words = { letter: letterOf(base), value: named(value) };
    if (why) return [t("form_missing", { ...words, why: pick(why) })];
    return diverged ? [t("form_diverged", { ...words, count: diverged, seeds: loss.seeds + diverged })] : [];
  });
}

function summary(measured) {
  const write = chosen.y === "speed" ? short : figure;
  return (
    measured
      .map((point) => `${letterOf(point.base)} ${named(point.value)}: ${write(point[chosen.y].mean)}`)
      .join(", ") || t("sweep_none")
  );
}
