// Lines as Plotly traces: every variant in its colour, validation bold, training thin, ghosts thinner still.

import { faded, colour } from "./charts.js";
import { lines } from "./curves.js";
import { page } from "./page.js";
import { t } from "./words.js";

const LABELS = { val_loss: "validation", train_loss: "training", grad_norm: "gradient_norm" };

/** The traces of `what` for the experiment shown. */
export function traces(results, what, { name = true } = {}) {
  const { x, smooth } = page.shown;
  const whether = smooth && what !== "val_loss";
  return lines(results, what, x, whether).flatMap((line) => variant(results, line, what, name));
}

function variant(results, line, what, name) {
  const hue = colour(line.letter.toLowerCase());
  const bold = what !== "train_loss";
  const label = `${line.letter} ${results.variants[line.variant].name}`;
  const main = {
    type: "scatter",
    mode: what === "val_loss" && line.x.length < 40 ? "lines+markers" : "lines",
    x: line.x,
    y: line.y,
    name: name ? `${label} · ${t(LABELS[what])}` : label,
    legendgroup: `${line.letter}-${what}`,
    line: { color: bold ? hue : faded(hue, 0.5), width: bold ? 2.2 : 1.2 },
    marker: { size: 5, color: hue },
    hovertemplate: "%{y:.4g}",
  };
  return line.low ? [band(line, hue, main), main] : [main];
}

const band = (line, hue, main) => ({
  type: "scatter",
  mode: "lines",
  x: [...line.x, ...line.x.toReversed()],
  y: [...line.high, ...line.low.toReversed()],
  fill: "toself",
  fillcolor: faded(hue, 0.15),
  line: { width: 0 },
  hoverinfo: "skip",
  showlegend: false,
  legendgroup: main.legendgroup,
});

/** Earlier experiments, thin and grey-ish, without legend. */
export function ghosts(what) {
  return page.ghosts.flatMap((ghost) =>
    lines(ghost, what, page.shown.x).map((line) => ({
      type: "scatter",
      mode: "lines",
      x: line.x,
      y: line.y,
      line: { color: faded(colour(line.letter.toLowerCase()), 0.35), width: 1, dash: "dot" },
      hoverinfo: "skip",
      showlegend: false,
    })),
  );
}
