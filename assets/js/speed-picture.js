// One quantity of what was measured against context or batch, as Plotly traces: a line a variant, an engine a symbol. Asks nothing.

import { colour, faded } from "./charts.js";
import { hueOf, letterOf } from "./letters.js";
import { bytes, exact, instant, short } from "./numbers.js";
import { rows, throughput } from "./throughput.js";
import { pick, t } from "./words.js";

const SYMBOLS = { fp32: "circle", int8: "square", int4: "diamond", torch: "x", compiled: "cross" };
const DECADE = [1, 2, 5];
const SAME = { context: ({ batch }) => batch === 1, batch: ({ context }) => context === 256 };
const DASHES = { fp32: "solid", int8: "dash", int4: "dot", torch: "dashdot", compiled: "longdash" };

/** Where the spread of each quantity stands in a row, how it is written in words and beside an axis. */
const QUANTITIES = {
  decode: { of: (row) => row.decode, write: perSecond, tick: short },
  prefill: { of: (row) => row.prefill, write: perSecond, tick: short },
  first: { of: (row) => row.first, write: instant, tick: instant },
  latency: { of: (row) => row.p50, write: instant, tick: instant },
  cache: { of: ({ cache_bytes: all }) => ({ median: all, low: all, high: all }), write: bytes, tick: bytes, powers: 4 },
};

function perSecond(number) {
  return t("measured_per_second", { speed: short(number) });
}

/** The rows that a choice of axis and engine shows, in the order of variants. */
export function chosen({ speed, speed_by: by, speed_in: engine }) {
  const there = rows().filter(SAME[by]);
  const same =
    speed === "cache"
      ? there.filter((row) => row.engine === "fp32")
      : engine === "all"
        ? there
        : there.filter((row) => row.engine === engine);
  return same.toSorted(
    (one, other) => one.variant - other.variant || one.engine.localeCompare(other.engine) || one[by] - other[by],
  );
}

/** What `chart` draws of the choices in `shown`. */
export function picture(shown) {
  const { speed, speed_by: by, speed_in: engine } = shown;
  const series = Object.values(Object.groupBy(chosen(shown), (row) => `${row.variant} ${row.engine}`));
  const quantity = QUANTITIES[speed];
  const several = engine === "all" && speed !== "cache";
  const lines = series.flatMap((line) => [trace(line, by, quantity, several), ...extra(line, by, speed, several)]);
  const ticks = [...new Set(series.flat().map((row) => row[by]))];
  const heights = marks(
    lines.flatMap((line) => line.y),
    quantity.powers,
  );
  return {
    traces: [...lines, ...(several || !series.length ? [] : explained(speed))],
    layout: {
      hovermode: "closest",
      margin: { l: 64, r: 16, t: 40, b: 44 },
      xaxis: {
        title: t(`measured_axis_${by}`),
        type: "log",
        tickvals: ticks,
        ticktext: ticks.map(exact),
        minor: { showgrid: false },
      },
      yaxis: {
        title: t(`measured_axis_${speed}`),
        type: "log",
        tickvals: heights,
        ticktext: heights.map((height) => quantity.tick(height)),
        automargin: true,
      },
    },
    summary: `${t(`measured_axis_${speed}`)}${t("colon")}${series.map((line) => words(line.at(-1), by, quantity)).join("; ")}`,
    empty: series.length ? null : missing(shown),
  };
}

function missing({ speed_in: engine }) {
  if (rows().length) return t(engine === "compiled" ? "measured_no_compiled" : "measured_nothing_there");
  return t(throughput.going() ? "measured_soon" : "measured_nothing");
}

/** Where a logarithmic axis is marked: 1, 2 and 5 of every decade, or the powers of a number. */
function marks(values, powers) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const base = powers ?? 10;
  const steps = Array.from({ length: 40 }, (_, index) => base ** (index - (powers ? 0 : 12)));
  return steps
    .flatMap((step) => (powers ? [step] : DECADE.map((digit) => digit * step)))
    .filter((mark) => low / base <= mark && mark <= high * base);
}

/** What the lines without a name are, in the legend. */
function explained(speed) {
  const dashes = { decode: { bound: "dot" }, latency: { bound: "dot", p95: "dash" } }[speed] ?? {};
  return Object.entries(dashes).map(([key, dash]) => ({
    type: "scatter",
    mode: "lines",
    x: [null],
    y: [null],
    name: t(`measured_legend_${key}`),
    line: { color: colour("soft"), width: 1.4, dash },
    hoverinfo: "skip",
  }));
}

function trace(line, by, quantity, several) {
  const [{ variant, engine }] = line;
  const hue = colour(hueOf(variant));
  const spreads = line.map(quantity.of);
  return {
    type: "scatter",
    mode: "lines+markers",
    name: `${letterOf(variant)} ${pick(throughput.said.titles[variant])}${several ? ` · ${t(`measured_engine_${engine}`)}` : ""}`,
    x: line.map((row) => row[by]),
    y: spreads.map(({ median }) => median),
    error_y: {
      type: "data",
      symmetric: false,
      array: spreads.map(({ median, high }) => high - median),
      arrayminus: spreads.map(({ median, low }) => median - low),
      color: faded(hue, 0.6),
      thickness: 1.2,
      width: 4,
    },
    line: { color: hue, width: 2, dash: several ? DASHES[engine] : "solid" },
    marker: { color: hue, size: 8, symbol: SYMBOLS[engine], line: { color: colour("card"), width: 1 } },
    hovertext: line.map((row) => words(row, by, quantity)),
    hoverinfo: "text",
  };
}

/** Beside speed what memory alone would allow, beside the median latency the slowest of twenty tokens. */
function extra(line, by, speed, several) {
  if (several || !["decode", "latency"].includes(speed)) return [];
  const hue = colour(hueOf(line[0].variant));
  const dotted = {
    type: "scatter",
    mode: "lines",
    x: line.map((row) => row[by]),
    line: { color: faded(hue, 0.75), width: 1.4, dash: "dot" },
    hoverinfo: "text",
    showlegend: false,
  };
  const bound = {
    ...dotted,
    y: line.map((row) => (speed === "decode" ? row.bound : row.batch / row.bound)),
    hovertext: line.map((row) => boundWords(row)),
  };
  if (speed === "decode") return [bound];
  return [
    bound,
    {
      ...dotted,
      mode: "lines+markers",
      y: line.map((row) => row.p95.median),
      line: { ...dotted.line, dash: "dash" },
      marker: { color: hue, size: 5 },
      hovertext: line.map((row) => `${letterOf(row.variant)} p95 ${instant(row.p95.median)}`),
    },
  ];
}

const boundWords = (row) =>
  t("measured_bound_words", {
    letter: letterOf(row.variant),
    weights: bytes(row.weight_bytes),
    cache: bytes(row.cache_bytes),
    speed: short(row.bound),
  });

function words(row, by, quantity) {
  const { median, low, high } = quantity.of(row);
  const range = low === high ? "" : t("measured_range", { low: quantity.write(low), high: quantity.write(high) });
  return t("measured_words", {
    letter: letterOf(row.variant),
    engine: t(`measured_engine_${row.engine}`),
    at: t(`measured_at_${by}`, { size: exact(row[by]) }),
    median: quantity.write(median),
    range,
  });
}
