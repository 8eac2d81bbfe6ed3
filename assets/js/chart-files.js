// A chart as a file: a picture in pixels, a picture in lines, or its numbers. The bar that Plotly shows over a chart, in the page's words.

import { saveAs } from "./saving.js";
import { t } from "./words.js";

const PNG = { width: 24, height: 24, path: "M3 5h18v14H3z M5 7v8l4 -4l3 3l4 -5l3 4V7z" };
const SVG = { width: 24, height: 24, path: "M3 17 L9 7 L14 13 L21 4 L21 7 L14 17 L9 11 L5 19 Z" };
const TABLE = { width: 24, height: 24, path: "M3 4h18v16H3z M5 9v3h6V9z M13 9v3h6V9z M5 14v4h6v-4z M13 14v4h6v-4z" };

const SHARPNESS = 2; // pixels of a PNG for every pixel of the page
const WORDS = {
  Zoom: "chart_zoom",
  Pan: "chart_pan",
  "Zoom in": "chart_nearer",
  "Zoom out": "chart_farther",
  "Reset axes": "chart_reset",
  "Double-click to zoom back out": "chart_back",
  "Double-click on legend to isolate one trace": "chart_alone",
};

/** The buttons over a chart: Plotly's own that move what is seen, and ours that save it. `card` gives the colour behind it. */
export const bar = (language, card) => ({
  displaylogo: false,
  modeBarButtonsToRemove: ["toImage", "sendChartToCloud", "lasso2d", "select2d", "autoScale2d"],
  modeBarButtonsToAdd: fileButtons(card),
  locale: language,
  locales: {
    [language]: { dictionary: Object.fromEntries(Object.entries(WORDS).map(([word, key]) => [word, t(key)])) },
  },
});

const fileButtons = (card) => [
  { name: "png", title: t("chart_png"), icon: PNG, click: (plot) => picture(plot, "png", card()) },
  { name: "svg", title: t("chart_svg"), icon: SVG, click: (plot) => picture(plot, "svg", card()) },
  {
    name: "csv",
    title: t("chart_csv"),
    icon: TABLE,
    click: (plot) => saveAs("chart.csv", table(plot.data, plot.layout), "text/csv"),
  },
];

// On the card's colour: light words on nothing could not be read.
const picture = ({ data, layout, clientWidth: width, clientHeight: height }, format, card) =>
  window.Plotly.downloadImage(
    { data, layout: { ...layout, paper_bgcolor: card }, config: {} },
    { format, filename: "chart", width, height, scale: SHARPNESS },
  );

/** A row a point: which line it is on, x, y and where its interval ends, if it has one. */
export function table(traces, layout = {}) {
  const title = (axis, name) => layout[axis]?.title?.text || name;
  const told = traces.filter(({ name, x, hoverinfo }) => name && x && hoverinfo !== "skip");
  const rows = told.flatMap((trace) =>
    Array.from(trace.x, (x, index) => [trace.name, x, trace.y?.[index], ...interval(trace, index)]),
  );
  return [["line", title("xaxis", "x"), title("yaxis", "y"), "low", "high"], ...rows]
    .map((row) => row.map(cell).join(","))
    .join("\n");
}

function interval({ error_y: bars, y }, index) {
  return bars?.array ? [y[index] - (bars.arrayminus ?? bars.array)[index], y[index] + bars.array[index]] : ["", ""];
}

const cell = (value) =>
  /[",\n]/.test(String(value ?? "")) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? "");
