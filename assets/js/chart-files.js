// A chart as a file: a picture in pixels, a picture in lines, or its numbers. Buttons in the bar that Plotly shows over a chart.

import { saveAs } from "./saving.js";
import { t } from "./words.js";

const SVG = { width: 24, height: 24, path: "M3 17 L9 7 L14 13 L21 4 L21 7 L14 17 L9 11 L5 19 Z" };
const TABLE = { width: 24, height: 24, path: "M3 4h18v16H3z M5 9v3h6V9z M13 9v3h6V9z M5 14v4h6v-4z M13 14v4h6v-4z" };

/** Buttons that save a chart as SVG and CSV, beside Plotly's own that saves PNG. */
export const fileButtons = () => [
  { name: "svg", title: t("chart_svg"), icon: SVG, click: (plot) => window.Plotly.downloadImage(plot, { format: "svg", filename: "chart", width: plot.clientWidth, height: plot.clientHeight }) },
  { name: "csv", title: t("chart_csv"), icon: TABLE, click: (plot) => saveAs("chart.csv", table(plot.data, plot.layout), "text/csv") },
];

/** A row a point: which line it is on, x, y and where its interval ends, if it has one. */
export function table(traces, layout = {}) {
  const title = (axis, name) => layout[axis]?.title?.text || name;
  const told = traces.filter(({ name, x, hoverinfo }) => name && x && hoverinfo !== "skip");
  const rows = told.flatMap((trace) => Array.from(trace.x, (x, index) => [trace.name, x, trace.y?.[index], ...interval(trace, index)]));
  return [["line", title("xaxis", "x"), title("yaxis", "y"), "low", "high"], ...rows].map((row) => row.map(cell).join(",")).join("\n");
}

function interval({ error_y: bars, y }, index) {
  return bars?.array ? [y[index] - (bars.arrayminus ?? bars.array)[index], y[index] + bars.array[index]] : ["", ""];
}

const cell = (value) => (/[",\n]/.test(String(value ?? "")) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
