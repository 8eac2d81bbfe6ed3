// A ladder: what every change does to loss, speed, cache and parameters, on the way from A to B and alone on A, as dots with intervals.

import { fill, h } from "../dom.js";
import { bytes, exact } from "../numbers.js";
import { page } from "../page.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 0.6;
export const wide = true;
export const title = () => t("which_change");
export const note = () => t("ladder_note");
export const suits = (results) => results?.form?.kind === "ladder";

const ROOM = 2.5; // the scale holds this many times the largest mean: an interval that is wider is cut at the edge
const EDGE = 1.15; // room for a whole dot at the end of the scale
const signed = (number, write) => (number ? `${number > 0 ? "+" : "−"}${write(Math.abs(number))}` : "0");
const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const COLUMNS = [
  ["loss", (number) => number.toFixed(3), (row) => row.loss],
  ["speed", percent, (row) => row.speed],
  ["cache", bytes, (row) => certain(row.cache)],
  ["parameters", exact, (row) => certain(row.parameters)],
];

// What is counted and not measured is known without an interval.
const certain = (number) => ({ mean: number, low: number, high: number, seeds: 0 });

export function mount(body) {
  const table = h("div", { class: "ladder", role: "table", "aria-label": () => t("which_change") });
  body.append(table);
  const update = () => suits(page.results) && fill(table, head(), groups(page.results.form.rows).map(change));
  onLanguage(update);
  return { update };
}

function head() {
  const column = (name) => h("span", { role: "columnheader", text: t(`ladder_${name}`) });
  return h(
    "div",
    { class: "ladder-head", role: "row" },
    column("change"),
    h(
      "div",
      { class: "ladder-row" },
      h("span"),
      COLUMNS.map(([name]) => column(name)),
    ),
  );
}

/** The rows of one change together, in the order of the way; the whole last. */
function groups(rows) {
  const steps = rows.filter((row) => row.kind !== "alone");
  return steps.map((row) => [row, ...rows.filter((other) => other.kind === "alone" && other.change === row.change)]);
}

function change(rows) {
  const [first] = rows;
  const name = first.kind === "whole" ? t("ladder_whole") : pick(first.label);
  const late = first.later && h("span", { class: "note", text: t("ladder_later") });
  return h(
    "section",
    { class: "ladder-change", role: "rowgroup" },
    h("div", { class: "ladder-name" }, h("b", { text: name }), late),
    h(
      "div",
      { class: "ladder-rows" },
      rows.map((row) => line(row, name)),
    ),
  );
}

function line(row, name) {
  const kind = h("span", { class: "ladder-kind note", role: "rowheader", text: t(`ladder_kind_${row.kind}`) });
  if (row.why)
    return h(
      "div",
      { class: "ladder-row", role: "row" },
      kind,
      h("span", { class: "ladder-why note", role: "cell", text: pick(row.why) }),
    );
  return h(
    "div",
    { class: "ladder-row", role: "row", "data-kind": row.kind },
    kind,
    COLUMNS.map((column) => cell(row, name, column)),
  );
}

function cell(row, name, [column, write, read]) {
  const { mean, low, high } = read(row);
  const half = low != null && high !== low ? ` ± ${write((high - low) / 2)}` : "";
  const value = mean == null ? "–" : signed(mean, write) + half;
  const words = t("ladder_words", {
    change: name,
    kind: t(`ladder_kind_${row.kind}`),
    name: t(`ladder_${column}`),
    value,
  });
  const caption = h("span", { class: "ladder-caption note", text: t(`ladder_${column}`), "aria-hidden": "true" });
  const track = h(
    "span",
    { class: "ladder-track", role: "img", "aria-label": words },
    mean == null ? [] : marks(row, { mean, low, high }, scale(read)),
  );
  return h(
    "div",
    { class: "ladder-cell", role: "cell", "data-column": column },
    caption,
    track,
    h("span", { class: "ladder-value", text: value, title: words }),
  );
}

/** How far from zero a column goes, the same for all its rows. */
function scale(read) {
  const all = page.results.form.rows.map(read).filter(({ mean }) => mean != null);
  const largest = Math.max(...all.map(({ mean }) => Math.abs(mean)), 0);
  const widest = Math.max(
    ...all.map(({ mean, low, high }) => Math.max(Math.abs(low ?? mean), Math.abs(high ?? mean))),
    0,
  );
  return Math.min(widest, ROOM * largest) * EDGE || 1;
}

function marks(row, { mean, low, high }, reach) {
  const at = (number) => 50 + 50 * Math.max(-1, Math.min(1, number / reach));
  const told = low == null ? false : low > 0 || high < 0 || low === high;
  const state = `${row.kind === "alone" ? "hollow" : "filled"}${told ? "" : " faint"}`;
  const bar =
    low != null &&
    high !== low &&
    h("i", { class: `ladder-bar${told ? "" : " faint"}`, style: `left: ${at(low)}%; width: ${at(high) - at(low)}%` });
  return [h("i", { class: "ladder-zero" }), bar, h("i", { class: `ladder-dot ${state}`, style: `left: ${at(mean)}%` })];
}
