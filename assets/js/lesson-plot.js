// What a lesson found, drawn: a dot with its interval for each arm, or lines against what was varied, or curves of their own.

import { chart, colour, faded } from "./charts.js";
import { h } from "./dom.js";
import { contract } from "./numbers.js";
import { pick, t } from "./words.js";

const HUES = ["a", "b", "c", "d"];
const DASHES = ["solid", "dash", "dot"];

/** The charts of `state.lesson` in `host`; draw() shows the result there is now. */
export function drawPlots(host, state) {
  const charts = state.lesson.plots.map((plot, index) => {
    const rows = plot.x || plot.profile ? 0 : Object.keys(state.lesson.arms).length;
    const area = h("div", {
      class: "chart",
      style: `--chart: ${rows ? 120 + 26 * rows : 248 + 19 * keys(state.lesson, plot)}px`,
    });
    host.append(h("figure", {}, h("figcaption", { class: "note", text: () => pick(plot.title) }), area));
    return chart(area, () => describe(state, plot), `${state.lesson.id}-${index}`);
  });
  return { draw: () => charts.forEach(({ draw }) => draw()) };
}

// Names in the legend, a line each: of curves one an arm, of lines one a line.
function keys({ arms }, { profile }) {
  const all = Object.values(arms);
  return profile ? all.length : new Set(all.map(({ line }) => line?.en)).size;
}

function describe(state, plot) {
  const { lesson, mine } = state;
  const content =
    mine?.result ??
    (mine?.losses && Object.keys(mine.losses).length && mine.state === "running" ? null : lesson.shipped);
  const traces = plot.profile
    ? profiles(lesson, content, plot)
    : plot.x
      ? lines(lesson, content, mine, plot)
      : dots(lesson, content, mine, plot);
  const flat = plot.x || plot.profile;
  return {
    traces,
    layout: {
      showlegend: Boolean(flat),
      hovermode: flat ? "x unified" : "closest",
      margin: { l: flat ? 44 : 8, r: 12, t: 28, b: 40 },
      xaxis: {
        title: plot.x ? pick(plot.x) : pick(plot.title),
        type: plot.log ? "log" : "linear",
        ...(plot.log && ticks(traces)),
      },
      ...(flat && {
        legend: {
          orientation: "h",
          x: 0,
          y: 1.02,
          yanchor: "bottom",
          font: { size: 11, color: colour("ink") },
          maxheight: 1,
        },
      }),
      yaxis: flat ? {} : { automargin: true, autorange: "reversed", type: "category" },
    },
    summary: `${pick(lesson.title)} ${pick(plot.title)}`,
    empty: traces.length ? null : t("lesson_not_yet"),
  };
}

// On a logarithmic axis stand the values that were tried, and no others.
function ticks(traces) {
  const tried = [...new Set(traces.flatMap(({ x }) => x))];
  return { tickvals: tried, ticktext: tried.map((value) => contract(String(value))) };
}

// The values of `metric` by arm: of a result, or the losses that have come in so far.
function values(lesson, content, mine, key, metric) {
  if (!content) return metric === "loss" ? (mine?.losses?.[key] ?? []) : [];
  return Object.values(content.readings[key] ?? {})
    .map((of) => of[metric])
    .filter((number) => typeof number === "number");
}

function middle(content, numbers, key, metric) {
  const found = content?.intervals[key]?.[metric];
  return found ?? { mean: numbers.reduce((sum, number) => sum + number, 0) / numbers.length, low: null, high: null };
}

function dots(lesson, content, mine, plot) {
  const rows = Object.entries(lesson.arms).map(([key, arm]) => ({
    name: pick(arm.title),
    numbers: values(lesson, content, mine, key, plot.metric),
    key,
  }));
  const there = rows
    .filter(({ numbers }) => numbers.length)
    .map((row) => ({ ...row, ...middle(content, row.numbers, row.key, plot.metric) }));
  if (!there.length) return [];
  const seeds = there.flatMap(({ name, numbers }) => numbers.map((number) => [number, name]));
  return [
    {
      type: "scatter",
      mode: "markers",
      x: seeds.map(([x]) => x),
      y: seeds.map(([, y]) => y),
      marker: { size: 6, color: faded(colour("a"), 0.35) },
      hovertemplate: "%{x:.4g}<extra></extra>",
    },
    {
      type: "scatter",
      mode: "markers",
      x: there.map(({ mean }) => mean),
      y: there.map(({ name }) => name),
      marker: { size: 10, color: colour("a") },
      error_x: bars(there),
      hovertemplate: "%{x:.4g}<extra>%{y}</extra>",
    },
  ];
}

const bars = (there) => ({
  type: "data",
  symmetric: false,
  array: there.map(({ mean, high }) => (high == null ? 0 : high - mean)),
  arrayminus: there.map(({ mean, low }) => (low == null ? 0 : mean - low)),
  color: colour("a"),
  thickness: 2,
  width: 5,
});

function lines(lesson, content, mine, plot) {
  const by = new Map();
  for (const [key, arm] of Object.entries(lesson.arms)) {
    const numbers = arm.x == null ? [] : values(lesson, content, mine, key, plot.metric);
    if (!numbers.length) continue;
    const name = arm.line ? pick(arm.line) : pick(plot.title);
    by.set(name, [...(by.get(name) ?? []), { x: arm.x, ...middle(content, numbers, key, plot.metric) }]);
  }
  return [...by].map(([name, points], index) => {
    const hue = colour(HUES[index % HUES.length]);
    points.sort((one, other) => one.x - other.x);
    return {
      type: "scatter",
      mode: "lines+markers",
      name,
      x: points.map(({ x }) => x),
      y: points.map(({ mean }) => mean),
      line: { color: hue, width: 2, dash: DASHES[Math.floor(index / HUES.length) % DASHES.length] },
      marker: { size: 7, color: hue },
      error_y: { ...bars(points), color: hue },
      showlegend: true,
      hovertemplate: "%{y:.4g}",
    };
  });
}

// The mean over seeds of curves that stand at the same places.
function profiles(lesson, content, plot) {
  if (!content) return [];
  return Object.entries(lesson.arms).flatMap(([key, arm], index) => {
    const curves = Object.values(content.readings[key] ?? {})
      .map((of) => of[plot.metric])
      .filter((curve) => curve?.x?.length);
    if (!curves.length) return [];
    const shortest = Math.min(...curves.map((curve) => curve.x.length));
    const mean = (at) => curves.reduce((sum, curve) => sum + curve.y[at], 0) / curves.length;
    const hue = colour(HUES[index % HUES.length]);
    return [
      {
        type: "scatter",
        mode: shortest < 30 ? "lines+markers" : "lines",
        name: pick(arm.title),
        x: curves[0].x.slice(0, shortest),
        y: Array.from({ length: shortest }, (_, at) => mean(at)),
        line: { color: hue, width: 2, dash: DASHES[Math.floor(index / HUES.length) % DASHES.length] },
        marker: { size: 6, color: hue },
        hovertemplate: "%{y:.4g}",
      },
    ];
  });
}
