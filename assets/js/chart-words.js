// What a chart shows, as a table that is read out and not seen: a column a line, a row for a few places of the x axis.

import { fill, h } from "./dom.js";
import { figure } from "./numbers.js";

const ROWS = 10;

/** Puts the table of these traces into `host`; Plotly's own letters and marks are no text to a screen reader. */
export function tell(host, traces, layout, caption) {
  const told = traces.filter(
    ({ name, x, y, hoverinfo }) => name && x?.length && y?.length === x.length && hoverinfo !== "skip",
  );
  if (!told.length) return void host.replaceChildren();
  const places = few(told.reduce((most, { x }) => (x.length > most.length ? x : most), []));
  const head = h(
    "tr",
    {},
    h("th", { scope: "col", text: layout.xaxis?.title ?? "" }),
    told.map(({ name }) => h("th", { scope: "col", text: name })),
  );
  const rows = places.map((place) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", text: said(place) }),
      told.map((trace) => h("td", { text: said(at(trace, place)) })),
    ),
  );
  fill(host, h("table", {}, h("caption", { text: caption }), h("thead", {}, head), h("tbody", {}, rows)));
}

const said = (value) => (typeof value === "number" || value == null ? figure(value) : String(value));

/** The first, the last and evenly between. */
function few(values) {
  const all = Array.from(values);
  if (all.length <= ROWS) return all;
  return Array.from({ length: ROWS }, (_, row) => all[Math.round((row * (all.length - 1)) / (ROWS - 1))]);
}

// Lines have points of their own: the one nearest to the place is told, none beyond a line's end.
function at({ x, y }, place) {
  const all = Array.from(x);
  if (typeof place !== "number") return y[all.indexOf(place)] ?? null;
  if (place > all.at(-1) || place < all[0]) return all.length > 1 ? null : y[0];
  return y[all.reduce((best, each, index) => (Math.abs(each - place) < Math.abs(all[best] - place) ? index : best), 0)];
}
