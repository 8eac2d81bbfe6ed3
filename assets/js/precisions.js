// What fewer bits cost: every variant's file in float32, int8, int4 …, as one picture of loss against bytes, a table, downloads.

import { chart, colour } from "./charts.js";
import { nameOf } from "./compared.js";
import { hueOf, letterOf } from "./letters.js";
import { fill, h } from "./dom.js";
import { bytes, exact, figure, short } from "./numbers.js";
import { ran } from "./ran.js";
import { ready, refresh } from "./trained.js";
import { isGoing, trainedJobs } from "./trained-jobs.js";
import { onLanguage, pick, t } from "./words.js";

const SYMBOLS = { fp32: "circle", fp16: "triangle-up", int8: "square", int4: "diamond" };
const MB = 2 ** 20; // as `bytes` counts
const HARDLY = 0.01; // nats a token: what a file may lose and still be the one to keep
const MARK = { least: 9, most: 26 }; // px across, of the slowest there could be and of the fastest

/** Below the exported files: a button, then the picture and the table. */
export function mountPrecisions(body) {
  const head = h("div", { class: "asking" });
  const area = h("div", { class: "chart precisions" });
  const table = h("div", { class: "data-table" });
  const verdict = h("div", { class: "keep" });
  const section = h("section", { class: "comparing-precisions" }, head, verdict, area, table);
  body.append(section);
  const drawn = chart(area, () => picture(state));
  const { state, press } = trainedJobs("precisions", "compare_precisions", (now, before) => {
    if (rows(now).length > rows({ variants: before }).length) refresh(); // the files can write now
    show();
  });

  const show = () => {
    section.hidden = !ready().length;
    const measured = rows(state).length > 0;
    fill(head, button(state, press), ...notes(state));
    area.hidden = table.hidden = verdict.hidden = !measured;
    if (!measured) return;
    fill(verdict, advice(state));
    fill(table, tabulated(state));
    drawn.draw();
  };

  onLanguage(show);
  show();
}

/** One row a file: what the server said of it, its variant, and the float32 file it is compared with. */
function rows({ variants }) {
  return variants.flatMap(({ variant, made }) => {
    const full = made?.precisions?.find(({ precision }) => precision === "fp32");
    return (made?.precisions ?? []).map((each) => ({ ...each, variant, full, made }));
  });
}

function button(state, press) {
  const busy = state.pressed || state.variants.some(isGoing);
  const open = state.variants.some(({ made }) => made?.state !== "finished");
  return open && h("button", { disabled: busy, text: busy ? t("precisions_running") : t("precisions_compare"), onclick: press });
}

function notes(state) {
  const failed = state.variants.filter((each) => each.made && !isGoing(each) && each.made.state !== "finished");
  const said = failed.map(({ variant, made }) =>
    h("p", { class: "refusal", text: `${letterOf(variant)}${t("colon")}${pick(made.reason) || t("precisions_failed")}` }),
  );
  const [first] = rows(state);
  const how = first
    ? t("precisions_how", { targets: exact(first.made.targets), threads: first.made.threads, rounds: first.made.rounds })
    : t("precisions_what");
  return [...said, h("p", { class: "note", text: how })];
}

/** Which file of every variant to keep, and why. */
function advice(state) {
  const compared = state.variants.filter(({ made }) => made?.precisions);
  const lines = compared.map(({ variant, made }) => {
    const { row, full } = keep(made.precisions);
    const letter = letterOf(variant);
    const words = {
      letter,
      precision: row.precision,
      share: (row.bytes / full.bytes).toFixed(2),
      change: signed(row.val_loss - full.val_loss),
      speed: (row.speed.median / full.speed.median).toFixed(2),
    };
    return h("p", {
      class: "in-colour",
      "data-letter": letter,
      "data-keep": row.precision,
      text: t(row === full ? "precisions_keep_full" : "precisions_keep", words),
    });
  });
  return [h("p", { class: "note", text: t("precisions_which", { hardly: HARDLY }) }), ...lines];
}

/** The smallest file that loses hardly anything against float32; that itself where none does. */
function keep(precisions) {
  const full = precisions.find(({ precision }) => precision === "fp32");
  const good = precisions.filter((row) => row.val_loss != null && row.val_loss - full.val_loss <= HARDLY);
  const [row = full] = good.toSorted((one, other) => one.bytes - other.bytes);
  return { row, full };
}

const signed = (number) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(4)}`;

function picture(state) {
  const all = rows(state);
  const fastest = Math.max(...all.map(({ speed }) => speed.median));
  const drawn = state.variants
    .filter(({ made }) => made?.precisions)
    .map(({ variant }) =>
      marks(
        all.filter((row) => row.variant === variant),
        fastest,
      ),
    );
  return {
    traces: drawn,
    layout: {
      hovermode: "closest",
      margin: { l: 56, r: 28, t: 28, b: 40 },
      xaxis: { title: t("precisions_bytes"), rangemode: "tozero", ticksuffix: " MB" },
      yaxis: { title: t("precisions_loss"), automargin: true },
    },
    summary: `${t("precisions_loss")}${t("colon")}${all.map(words).join("; ")}`,
    empty: null,
  };
}

// The area of a mark is its speed; a thin line keeps a variant's marks together.
function marks(mine, fastest) {
  const [{ variant }] = mine;
  const shade = colour(hueOf(variant));
  const across = ({ speed }) => Math.max(MARK.least, MARK.most * Math.sqrt(speed.median / fastest));
  return {
    type: "scatter",
    mode: "lines+markers+text",
    name: `${letterOf(variant)} ${nameOf(variant)}`,
    x: mine.map((row) => row.bytes / MB),
    y: mine.map((row) => row.val_loss),
    text: mine.map((row) => row.precision),
    textposition: "top center",
    textfont: { color: shade, size: 12 },
    line: { color: shade, width: 1, dash: "dot" },
    marker: {
      color: shade,
      symbol: mine.map((row) => SYMBOLS[row.precision]),
      size: mine.map(across),
      line: { color: colour("card"), width: 1 },
    },
    hovertext: mine.map(words),
    hoverinfo: "text",
    cliponaxis: false,
  };
}

const words = (row) =>
  t("precisions_words", {
    letter: letterOf(row.variant),
    precision: row.precision,
    bytes: bytes(row.bytes),
    loss: figure(row.val_loss),
    speed: short(row.speed.median),
  });

function tabulated(state) {
  const header = ["variant", "precision", "bytes", "loss", "change", "speed", "ran"].map((key) =>
    h("th", { scope: "col", text: t(`precisions_column_${key}`) }),
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0" },
    h("table", { "aria-label": t("precisions_compare") }, h("thead", {}, h("tr", {}, header)), h("tbody", {}, rows(state).map(line))),
  );
}

function download({ file, precision, bytes: size }, letter) {
  return h("a", {
    href: file.address,
    download: file.name,
    text: `↓ ${bytes(size)}`,
    "aria-label": t("precisions_download_of", { letter, precision, size: bytes(size) }),
  });
}

function line(row) {
  const letter = letterOf(row.variant);
  const compared = row.full && row.precision !== row.full.precision;
  const rise = compared && row.val_loss != null && row.full.val_loss != null ? row.val_loss - row.full.val_loss : null;
  const change = rise == null ? "–" : signed(rise);
  const share = compared ? ` · ${(row.bytes / row.full.bytes).toFixed(2)} ×` : "";
  const lost = row.allowed != null && !row.within;
  return h(
    "tr",
    { "data-letter": letter, "data-precision": row.precision },
    h("th", { scope: "row", class: "in-colour", text: letter }),
    h("td", { text: row.precision }),
    h(
      "td",
      {},
      row.file.address ? download(row, letter) : bytes(row.bytes),
      share,
    ),
    h("td", { text: row.val_loss?.toFixed(4) ?? "–" }),
    h("td", { class: lost ? "refusal" : "", text: lost ? `${change} ${t("precisions_over", { allowed: row.allowed })}` : change }),
    h("td", {
      text: short(row.speed.median),
      title: t("speed_words", {
        letter,
        name: row.precision,
        median: short(row.speed.median),
        low: short(row.speed.low),
        high: short(row.speed.high),
      }),
    }),
    h("td", { text: ran(row) }),
  );
}
