// The rows that the chart shows, with every quantity: medians, lowest and highest. Asks nothing.

import { letterOf } from "./letters.js";
import { h } from "./dom.js";
import { bytes, exact, instant } from "./numbers.js";
import { chosen } from "./speed-picture.js";
import { t } from "./words.js";

const COLUMNS = [
  "variant",
  "engine",
  "context",
  "batch",
  "decode",
  "bound",
  "prefill",
  "first",
  "p50",
  "p95",
  "cache",
  "rounds",
];

/** The table of what the choices in `shown` show. */
export function tabulated(shown) {
  const header = COLUMNS.map((key) => h("th", { scope: "col", text: t(`measured_column_${key}`) }));
  return h(
    "table",
    { "aria-label": t("measured_table") },
    h("thead", {}, h("tr", {}, header)),
    h("tbody", {}, chosen(shown).map(line)),
  );
}

function line(row) {
  const letter = letterOf(row.variant);
  return h(
    "tr",
    { "data-letter": letter, "data-engine": row.engine, "data-context": row.context, "data-batch": row.batch },
    h("th", { scope: "row", class: "in-colour", text: letter }),
    h("td", { text: t(`measured_engine_${row.engine}`) }),
    h("td", { text: exact(row.context) }),
    h("td", { text: row.batch }),
    h("td", { text: spread(row.decode, rounded) }),
    h("td", { text: rounded(row.bound) }),
    h("td", { text: spread(row.prefill, rounded) }),
    ...[row.first, row.p50, row.p95].map((seconds) => h("td", { text: spread(seconds, instant) })),
    h("td", { text: bytes(row.cache_bytes), title: `${exact(row.cache_bytes)} B` }),
    h("td", { text: row.rounds }),
  );
}

// Three digits are all that such a measurement gives.
const rounded = (number) => exact(+number.toPrecision(3));

// The unit stands once where all three have the same.
function spread({ median, low, high }, write) {
  const [middle, least, most] = [median, low, high].map((number) => write(number).split(" "));
  const same = new Set([middle[1], least[1], most[1]]).size === 1 && middle[1];
  return same
    ? `${middle[0]} (${least[0]}–${most[0]}) ${same}`
    : `${middle.join(" ")} (${least.join(" ")}–${most.join(" ")})`;
}
