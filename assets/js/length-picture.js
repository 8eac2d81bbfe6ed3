// The loss by position as Plotly traces and as a table: a line a variant, dotted where its RoPE was slowed. Asks nothing.

import { colour, faded } from "./charts.js";
import { hueIn } from "./letters.js";
import { h } from "./dom.js";
import { exact, figure } from "./numbers.js";
import { page } from "./page.js";
import { t } from "./words.js";

const SYMBOLS = { none: "circle", linear: "square", ntk: "diamond", llama3: "triangle-up", yarn: "cross" };
const PARTS = ["half", "two", "four", "eight"];

const nameOf = ({ name, scaling }) =>
  scaling === "none" ? name : t("length_scaled", { name, scaling: t(`word_${scaling}`) });

/** What `chart` draws of lines {variant, name, scaling, context, ends, x, y, low, high}; `empty` is said without any. */
export function picture(lines, empty) {
  const most = Math.max(1, ...lines.flatMap(({ x }) => x));
  const ticks = Array.from({ length: Math.ceil(Math.log2(most)) + 1 }, (_, power) => 2 ** power);
  const contexts = [...new Set(lines.map(({ context }) => context))];
  return {
    traces: lines.flatMap((line) => [...(line.scaling === "none" ? [band(line)] : []), trace(line), ...end(line)]),
    layout: {
      hovermode: "closest",
      margin: { l: 52, r: 16, t: 28, b: 44 },
      legend: {
        orientation: "h",
        x: 0,
        y: 1.02,
        yanchor: "bottom",
        font: { size: 12, color: colour("ink") },
        groupclick: "togglegroup",
      },
      xaxis: {
        title: t("length_axis_position"),
        type: "log",
        tickvals: ticks,
        ticktext: ticks.map(exact),
        minor: { showgrid: false },
      },
      yaxis: { title: t("length_axis_loss") },
      shapes: contexts.map((x) => ({
        type: "line",
        x0: x,
        x1: x,
        yref: "paper",
        y0: 0,
        y1: 1,
        layer: "below",
        line: { color: colour("strong-line"), width: 1, dash: "dot" },
      })),
      annotations: contexts.map((context) => ({
        x: Math.log10(context),
        yref: "paper",
        y: 1,
        xanchor: "left",
        yanchor: "top",
        xshift: 4,
        showarrow: false,
        font: { size: 11, color: colour("soft") },
        text: t("length_trained", { context: exact(context) }),
      })),
    },
    summary:
      lines
        .map((line) =>
          t("length_summary", {
            name: nameOf(line),
            position: exact(Math.round(line.x.at(-1))),
            loss: figure(line.y.at(-1)),
          }),
        )
        .join("; ") || empty,
    empty: lines.length ? null : empty,
  };
}

function trace(line) {
  const hue = colour(hueIn(page.results, line.variant));
  const plain = line.scaling === "none";
  const { dashed = false } = page.results.variants[line.variant];
  return {
    type: "scatter",
    mode: "lines+markers",
    name: nameOf(line),
    x: line.x,
    y: line.y,
    legendgroup: `${line.variant} ${line.scaling}`,
    line: {
      color: plain ? hue : faded(hue, 0.7),
      width: plain ? 2 : 1.2,
      dash: plain ? (dashed ? "dash" : "solid") : "dot",
    },
    marker: { color: hue, size: plain ? 5 : 6, symbol: `${SYMBOLS[line.scaling]}${plain ? "" : "-open"}` },
    hovertemplate: `${t("length_hover", { position: "%{x:.0f}", loss: "%{y:.4g}" })}<extra>${nameOf(line)}</extra>`,
  };
}

const band = (line) => ({
  type: "scatter",
  mode: "lines",
  x: [...line.x, ...line.x.toReversed()],
  y: [...line.high, ...line.low.toReversed()],
  fill: "toself",
  fillcolor: faded(colour(hueIn(page.results, line.variant)), 0.12),
  line: { width: 0 },
  hoverinfo: "skip",
  showlegend: false,
  legendgroup: `${line.variant} ${line.scaling}`,
});

// Where positions end there is nothing beyond to be drawn: the end is marked as one.
function end(line) {
  if (!line.ends) return [];
  const marker = {
    symbol: "line-ns-open",
    size: 18,
    color: colour(hueIn(page.results, line.variant)),
    line: { width: 3 },
  };
  const said = `${t("length_ends", { context: exact(line.context) })}<extra>${nameOf(line)}</extra>`;
  return [
    {
      type: "scatter",
      mode: "markers",
      x: [line.x.at(-1)],
      y: [line.y.at(-1)],
      marker,
      showlegend: false,
      legendgroup: `${line.variant} ${line.scaling}`,
      hovertemplate: said,
    },
  ];
}

/** The means over parts of the length, a row a line. */
export function tabulated(lines) {
  const head = [t("panel_variant"), ...PARTS.map((part) => t(`length_part_${part}`))].map((text) =>
    h("th", { scope: "col", text }),
  );
  const rows = lines.map((line) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", text: nameOf(line) }),
      line.parts.map((loss) => h("td", { text: figure(loss) })),
    ),
  );
  return h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
}
