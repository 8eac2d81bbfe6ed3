// The loss curves: training and validation against tokens, steps, seconds or FLOPs, with lines for what a guesser reaches.

import { chart, colour } from "../charts.js";
import { X, lines } from "../curves.js";
import { h } from "../dom.js";
import { figure } from "../numbers.js";
import { listen, page } from "../page.js";
import { one, several } from "../switches.js";
import { ghosts, traces } from "../traces.js";
import { pick, t } from "../words.js";

export const order = 1;
export const title = () => t("loss");
export const note = () => t(page.results?.seeds > 1 ? "loss_note_seeds" : "loss_note");

export function mount(body, head) {
  const area = h("div", { class: "chart" });
  head.append(h("div", { class: "switches" }, one("x", X, "x_axis"), one("curves", ["both", "val", "train"], "which_curves"), several(["smooth", "log"])));
  body.append(area);
  const drawn = chart(area, describe, "run");
  listen("shown", drawn.draw);
  return { update: drawn.draw };
}

function describe() {
  const { results, shown } = page;
  const kinds = { both: ["train_loss", "val_loss"], val: ["val_loss"], train: ["train_loss"] }[shown.curves];
  // The first validation comes later than the first training loss: until then the legend names the thin curves.
  const measured = results?.runs.some((run) => run.curve.val_loss.some((loss) => loss != null));
  const named = kinds.length > 1 && measured ? "val_loss" : kinds[0];
  const curves = results ? kinds.flatMap((kind) => traces(results, kind, kind === named)) : [];
  const old = kinds.slice(-1).flatMap(ghosts);
  return {
    traces: [...references(results, curves), ...old, ...curves],
    layout: {
      xaxis: { title: t(`x_${shown.x}`), rangemode: "tozero" },
      yaxis: { title: "", type: shown.log ? "log" : "linear", ...(shown.log && { dtick: "D2" }) },
    },
    summary: summary(results),
    empty: curves.length ? null : t(results ? "no_points_yet" : "nothing_trained"),
  };
}

// Dotted lines as wide as the curves, each named at its right end.
function references(results, curves) {
  const end = Math.max(0, ...curves.flatMap((curve) => curve.x.slice(-1)));
  if (!end) return [];
  return results.references.map(({ label, value }) => ({
    type: "scatter",
    mode: "lines+text",
    x: [0, end],
    y: [value, value],
    text: ["", `${pick(label)} ${figure(value)}`],
    textposition: "top left",
    textfont: { size: 11, color: colour("soft") },
    line: { color: colour("soft"), width: 1, dash: "dot" },
    hoverinfo: "skip",
    showlegend: false,
  }));
}

function summary(results) {
  if (!results) return t("nothing_trained");
  const ends = lines(results, "val_loss", "tokens").map((line) => `${line.letter} ${results.variants[line.variant].name} ${figure(line.y.at(-1))}`);
  return `${t("loss")}${t("colon")}${ends.join(", ")}`;
}
