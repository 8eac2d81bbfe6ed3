// The table of all systems: filtered by text and by option, sorted by any column, each cell with its source.

import { fill, h, relive } from "./dom.js";
import { help } from "./help.js";
import { billions } from "./numbers.js";
import { listen } from "./page.js";
import { putting } from "./putting.js";
import { groupsOf, matches, sorted, written } from "./rows.js";
import { onLanguage, pick, t } from "./words.js";

const MAIN = ["name", "year", "maker", "size"];
const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** The table in its card; `open(id)` shows everything about one system. */
export function systemsTable(systems, columns, open) {
  const state = { text: "", chosen: {}, column: "year", falling: false };
  const search = h("input", {
    type: "search",
    "aria-label": () => t("systems_search"),
    placeholder: () => t("systems_search"),
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => ((state.text = search.value), renew()),
  });
  const count = h("span", { class: "note", role: "status" });
  const clear = h("button", { class: "plain", text: () => t("systems_clear"), onclick: () => wipe() });
  const heads = [
    ...MAIN.map((name) => mainHead(name, sort)),
    ...columns.map((column) => head(column, systems, sort, choose)),
  ];
  const body = h("tbody", {});
  const none = h("p", { class: "nothing", text: () => t("systems_none"), hidden: true });
  const made = new Map(systems.map((row) => [row, line(row, columns, open)]));
  const table = h(
    "table",
    { role: "grid", "aria-label": () => t("systems") },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        heads.map(({ element }) => element),
      ),
    ),
    body,
  );
  roving(body);

  function sort(column) {
    state.falling = state.column === column && !state.falling;
    state.column = column;
    renew();
  }

  function choose(column, word) {
    state.chosen[column] = word;
    renew();
  }

  function wipe() {
    Object.assign(state, { text: "", chosen: {} });
    search.value = "";
    renew();
  }

  function renew() {
    const rows = sorted(
      systems.filter((row) => matches(row, state.text, state.chosen)),
      state.column,
      state.falling,
    );
    fill(
      body,
      rows.map((row) => made.get(row).element),
    );
    none.hidden = rows.length > 0;
    count.textContent = t("systems_count", { shown: rows.length, all: systems.length });
    clear.disabled = !state.text && !Object.values(state.chosen).some(Boolean);
    heads.forEach((each) => each.update(state));
  }

  const letters = () => made.forEach((each) => each.update());
  listen("choices", letters);
  onLanguage(() => (made.forEach((each) => relive(each.element)), renew(), letters()));
  renew();
  const tools = h("div", { class: "tools" }, search, count, clear);
  return h(
    "section",
    { class: "card systems-card", "aria-label": () => t("systems") },
    tools,
    h("div", { class: "scroll", tabindex: "-1" }, table, none),
  );
}

function mainHead(name, sort) {
  return headed(name, () => t(`systems_${name}`), sort, null);
}

function head(column, systems, sort, choose) {
  return headed(column.name, () => pick(column.title), sort, column.grouped ? chooser(column, systems, choose) : null);
}

function headed(name, caption, sort, filter) {
  const arrow = h("span", { class: "arrow", "aria-hidden": "true" });
  const button = h("button", { class: "plain sort", onclick: () => sort(name) }, h("span", { text: caption }), arrow);
  const element = h("th", { scope: "col", "data-column": name }, button, filter?.element);
  const update = (state) => {
    const mine = state.column === name;
    element.setAttribute("aria-sort", mine ? (state.falling ? "descending" : "ascending") : "none");
    arrow.textContent = mine ? (state.falling ? "▾" : "▴") : "";
    filter?.update(state);
  };
  return { element, update };
}

// What occurs in the column, with how often.
function chooser(column, systems, choose) {
  const any = h("option", { value: "", text: () => t("systems_any") });
  const options = groupsOf(systems, column.name).map((group) =>
    h("option", { value: group.word, text: () => `${pick(group.title)} (${group.count})` }),
  );
  const element = h(
    "select",
    {
      "aria-label": () => t("systems_filter", { what: pick(column.title) }),
      onchange: () => choose(column.name, element.value),
    },
    any,
    options,
  );
  const update = ({ chosen }) => {
    element.value = chosen[column.name] ?? "";
    element.classList.toggle("on", Boolean(element.value));
  };
  return { element, update };
}

function line(row, columns, open) {
  const name = h("button", {
    class: "plain name",
    text: row.name,
    "aria-label": () => t("systems_open", { name: row.name }),
    onclick: () => open(row.id),
  });
  const reading =
    row.reading.word === "as_published" ? null : h("span", { class: "mark", text: () => pick(row.reading.title) });
  const letters = putting(row);
  const first = h("th", { scope: "row" }, h("div", { class: "first" }, h("div", {}, name, reading), letters.element));
  const cells = columns.map((column) => cell(row, column));
  const element = h(
    "tr",
    { "data-system": row.id },
    first,
    h("td", { text: row.year }),
    h("td", { text: row.maker }),
    size(row),
    cells,
  );
  return { element, update: letters.update };
}

const size = (row) =>
  h(
    "td",
    { class: "size" },
    h("span", { text: row.size }),
    h("span", {
      class: "mark",
      text: () => (row.parameters == null ? "" : t("folded_parameters", { parameters: billions(row.parameters) })),
    }),
  );

function cell(row, column) {
  const own = row.cells[column.name];
  const words = h("span", { text: () => written(own) });
  const marks = [...new Set(own.shown.flatMap((part) => part.marks))].map((mark) =>
    h("span", { class: "mark", text: () => t(`systems_mark_${mark}`) }),
  );
  return help(h("td", { tabindex: "-1", "data-column": column.name }, words, marks), () => source(row, column, own));
}

/** What the help of a cell says: each choice, what is uncertain about it, and where it was read. */
function source(row, column, own) {
  const several = own.parts.length > 1;
  const lines = own.parts.map((part) =>
    several
      ? `${pick(part.title)}${t("colon")}${told(part)}${part.source ? ` (${pick(part.source)})` : ""}`
      : told(part),
  );
  return {
    title: `${row.name} · ${pick(column.title)}`,
    help: lines.join("\n"),
    citation: several ? "" : pick(own.parts[0].source),
  };
}

/** A choice in words, with what is uncertain about it. */
export function told(part) {
  const marks = part.marks.map((mark) => t(`systems_mark_${mark}`));
  const words = part.text.en === "—" ? t("word_none") : pick(part.text);
  return [words, ...marks, part.unknown && pick(part.unknown)].filter(Boolean).join(" · ");
}

// Six hundred cells are one stop of the tab key; the arrows move among them.
function roving(body) {
  const cells = () => [...body.rows].map((row) => [...row.querySelectorAll("td[data-column]")]);
  const only = (cell) => {
    body.querySelector("td[tabindex='0']")?.setAttribute("tabindex", "-1");
    cell?.setAttribute("tabindex", "0");
  };
  body.addEventListener("focusin", ({ target }) => target.matches("td[data-column]") && only(target));
  body.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !event.target.matches("td[data-column]")) return;
    event.preventDefault();
    const all = cells();
    const row = all.findIndex((each) => each.includes(event.target));
    all[row + move[0]]?.[all[row].indexOf(event.target) + move[1]]?.focus();
  });
  new MutationObserver(
    () => body.querySelector("td[tabindex='0']") || only(body.querySelector("td[data-column]")),
  ).observe(body, { childList: true });
}
