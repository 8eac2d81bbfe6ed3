// What was chosen over the years: a row an option, a column a year, a dot a system. A table, so that it can be read aloud too.

import { fill, h } from "./dom.js";
import { help } from "./help.js";
import { segments } from "./segments.js";
import { onLanguage, pick, t } from "./words.js";

const RECENT = 3; // years that the sentence below is about

export function years(systems, columns) {
  const grouped = columns.filter((column) => column.grouped);
  const table = h("table", { class: "years" });
  const says = h("p", { class: "sentence", role: "status" });
  let column = grouped[0];
  const words = grouped.map((each) => ({ value: each.name, text: () => pick(each.title) }));
  const choose = (name) => {
    column = grouped.find((each) => each.name === name);
    draw();
  };
  const draw = () => {
    fill(table, ...grid(systems, column));
    says.textContent = sentence(systems, column);
  };
  onLanguage(draw);
  draw();
  return h(
    "section",
    { class: "card years-card", "aria-label": () => t("years") },
    h("h2", { text: () => t("years") }),
    h("p", { class: "note", text: () => t("years_note") }),
    segments({ label: () => t("years_axis"), words, chosen: column.name, choose }).element,
    says,
    h("div", { class: "scroll" }, table),
  );
}

const has = (row, column, word) => row.cells[column.name].groups.some((group) => group.word === word);
const silent = (row, column) => row.cells[column.name].groups.every((group) => group.word === "unpublished");

// The options by the year that they first stand in: the newest ones at the bottom.
function options(systems, column) {
  const found = new Map();
  for (const row of systems)
    for (const group of row.cells[column.name].groups) if (!found.has(group.word)) found.set(group.word, group);
  const last = (group) => group.word === "unpublished";
  return [...found.values()].sort((one, other) => last(one) - last(other));
}

function grid(systems, column) {
  const all = [...new Set(systems.map((row) => row.year))].sort();
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, h("span", { class: "unseen", text: pick(column.title) })),
    all.map((year) => h("th", { scope: "col", text: year })),
  );
  const rows = options(systems, column).map((group) => {
    const mine = systems.filter((row) => has(row, column, group.word));
    const label = h(
      "th",
      { scope: "row" },
      h("span", { text: pick(group.title) }),
      h("span", { class: "note", text: mine.length }),
    );
    return h(
      "tr",
      {},
      label,
      all.map((year) =>
        dots(
          mine.filter((row) => row.year === year),
          year,
          group,
          published(systems, column, year),
        ),
      ),
    );
  });
  return [h("thead", {}, head), h("tbody", {}, rows)];
}

const published = (systems, column, year) => systems.filter((row) => row.year === year && !silent(row, column)).length;

function dots(mine, year, group, whole) {
  if (!mine.length) return h("td", {});
  const names = mine.map((row) => row.name).join(", ");
  const share = group.word === "unpublished" || !whole ? 0 : mine.length / whole;
  const cell = h(
    "td",
    { tabindex: "0", style: `--share: ${share.toFixed(3)}` },
    h(
      "span",
      { class: "dots", "aria-hidden": "true" },
      mine.map(() => h("i")),
    ),
    h("span", { class: "unseen", text: names }),
  );
  const of = share ? t("years_of", { count: mine.length, whole }) : "";
  return help(cell, () => ({ title: [year, pick(group.title), of].filter(Boolean).join(" · "), help: names }));
}

/** "2023 to 2025: RMSNorm in 25 of 30 systems (83 %), before in 5 of 14 (36 %)." */
function sentence(systems, column) {
  const last = Math.max(...systems.map((row) => row.year));
  const known = systems.filter((row) => !silent(row, column));
  const late = known.filter((row) => row.year > last - RECENT);
  const early = known.filter((row) => row.year <= last - RECENT);
  const ranked = options(late, column).map((group) => ({
    group,
    count: late.filter((row) => has(row, column, group.word)).length,
  }));
  const { group, count } = ranked.reduce((best, each) => (each.count > best.count ? each : best));
  const before = early.filter((row) => has(row, column, group.word)).length;
  const percent = (part, whole) => (whole ? Math.round((100 * part) / whole) : 0);
  return t("years_sentence", {
    from: last - RECENT + 1,
    to: last,
    option: pick(group.title),
    late: count,
    all_late: late.length,
    late_percent: percent(count, late.length),
    early: before,
    all_early: early.length,
    early_percent: percent(before, early.length),
  });
}
