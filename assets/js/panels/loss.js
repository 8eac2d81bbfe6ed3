// The loss curves: training and validation against tokens, steps, seconds or FLOPs, with lines for what a guesser reaches.

import { chart, colour, logTicks } from "../charts.js";
import { X, lines } from "../curves.js";
import { h } from "../dom.js";
import { figure } from "../numbers.js";
import { listen, page } from "../page.js";
import { one, several } from "../switches.js";
import { ghosts, traces } from "../traces.js";
import { pick, t } from "../words.js";

export const order = 1;
export const title = () => t("loss");
export const note = () => {
  const { form, seeds } = page.results ?? {};
  if (form) return t(form.menu ? "loss_note_menu" : form.kind === "sweep" ? "loss_note_sweep" : "loss_note_ladder");
  return t(seeds > 1 ? "loss_note_seeds" : "loss_note");
};
export const suits = () => true;

export function mount(body, head) {
  const area = h("div", { class: "chart" });
  head.append(
    h(
      "div",
      { class: "switches" },
      one("x", X, "x_axis"),
      one("curves", ["both", "val", "train"], "which_curves"),
      several(["smooth", "log"]),
    ),
  );
  body.append(area);
  const drawn = chart(area, describe, "run");
  listen("shown", drawn.draw);
  return { update: drawn.draw };
}

function describe() {
  const { results, shown } = page;
  const both = results?.form ? ["val_loss"] : ["train_loss", "val_loss"]; // of so many, one line each
  const kinds = { both, val: ["val_loss"], train: ["train_loss"] }[shown.curves];
  // The first validation comes later than the first training loss: until then the legend names the thin curves.
  const measured = results?.runs.some((run) => run.curve.val_loss.some((loss) => loss != null));
  const named = kinds.length > 1 && measured ? "val_loss" : kinds[0];
  const curves = results ? kinds.flatMap((kind) => traces(results, kind, kind === named)) : [];
  const old = kinds.slice(-1).flatMap(ghosts);
  return {
    traces: [...(curves.length ? [room(results)] : []), ...old, ...curves],
    layout: {
      ...guesses(curves.length ? results : null, shown.log),
      hovermode: results?.form ? "closest" : "x unified",
      xaxis: { title: t(`x_${shown.x}`), rangemode: "tozero" },
      yaxis: { title: "", type: shown.log ? "log" : "linear", ...(shown.log && logTicks(curves)) },
    },
    summary: summary(results),
    empty: curves.length ? null : t(results ? "no_points_yet" : "nothing_trained"),
  };
}

// Dotted lines across the whole plot, each named at its right end.
function guesses(results, log) {
  const drawn = {
    xref: "paper",
    x0: 0,
    x1: 1,
    type: "line",
    layer: "below",
    line: { color: colour("strong-line"), width: 1, dash: "dot" },
  };
  const named = {
    xref: "paper",
    x: 1,
    xanchor: "right",
    yanchor: "bottom",
    showarrow: false,
    font: { size: 11, color: colour("soft") },
  };
  const lines = results?.references ?? [];
  return {
    shapes: lines.map(({ value }) => ({ ...drawn, y0: value, y1: value })),
    annotations: lines.map(({ label, value }) => ({
      ...named,
      y: log ? Math.log10(value) : value,
      text: `${pick(label)} ${figure(value)}`,
    })),
  };
}

// What is no trace does not widen an axis: points that nobody sees keep the lines in view.
function room(results) {
  const values = results.references.map(({ value }) => value);
  return {
    type: "scatter",
    mode: "markers",
    x: values.map(() => 0),
    y: values,
    marker: { opacity: 0 },
    hoverinfo: "skip",
    showlegend: false,
  };
}

function summary(results) {
  if (!results) return t("nothing_trained");
  const ends = lines(results, "val_loss", "tokens")
    .filter(({ kind }) => kind === "mean")
    .map((line) => `${line.letter} ${results.variants[line.variant].name} ${figure(line.y.at(-1))}`);
  return `${t("loss")}${t("colon")}${ends.join(", ")}`;
}
