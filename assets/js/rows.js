// The catalogue's rows as data: which of them are shown, in which order, what occurs in a column. Knows no element.

import { pick } from "./words.js";

const MAIN = {
  name: (row) => row.name,
  year: (row) => row.year,
  maker: (row) => row.maker,
  size: (row) => row.parameters ?? Infinity,
};

/** What stands in a cell, in words. */
export const written = (cell) => cell.shown.map((part) => pick(part.text)).join(" · ");

/** The groups that occur in `column`, the most frequent first: {word, title, count}. */
export function groupsOf(rows, column) {
  const found = new Map();
  for (const group of rows.flatMap((row) => row.cells[column].groups)) {
    const known = found.get(group.word) ?? { ...group, count: 0 };
    found.set(group.word, { ...known, count: known.count + 1 });
  }
  return [...found.values()].sort((one, other) => other.count - one.count);
}

/** Does `row` hold every word of `text`, and the group that `chosen` asks for in each column? */
export function matches(row, text, chosen) {
  const asked = Object.entries(chosen).filter(([, word]) => word);
  if (!asked.every(([column, word]) => row.cells[column].groups.some((group) => group.word === word))) return false;
  const whole = searched(row);
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word));
}

const texts = new WeakMap();

// Both languages at once: who reads Chinese types "RMSNorm" too, and the other way round.
function searched(row) {
  if (!texts.has(row)) {
    const cells = Object.values(row.cells).flatMap((cell) => cell.parts.flatMap(({ text }) => [text.en, text.zh]));
    texts.set(row, [row.name, row.id, row.year, row.maker, row.size, ...cells].join(" ").toLowerCase());
  }
  return texts.get(row);
}

/** The rows in the order of `column`; equal ones by year and name. */
export function sorted(rows, column, falling) {
  const value = MAIN[column] ?? ((row) => written(row.cells[column]));
  const sign = falling ? -1 : 1;
  return [...rows].sort(
    (one, other) => sign * compare(value(one), value(other)) || one.year - other.year || compare(one.name, other.name),
  );
}

const compare = (one, other) =>
  typeof one === "number" ? (one === other ? 0 : one - other) : one.localeCompare(other, undefined, { numeric: true });
