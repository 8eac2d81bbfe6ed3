// Lines as Plotly traces: every variant in its colour, validation bold, training thin, ghosts thinner still.

import { faded, colour } from "./charts.js";
import { lines } from "./curves.js";
import { page } from "./page.js";
import { t } from "./words.js";

/** The traces of `what` for the experiment shown; the legend names each variant once, at `named` curves. */
export function traces(results, what, named = true) {
  const { x, smooth } = page.shown;
  return lines(results, what, x, smooth && what !== "val_loss").flatMap((line) => variant(results, line, what, named));
}

function variant(results, line, what, named) {
  if (line.kind !== "mean") return [single(line)];
  const { shade = 1, dashed = false } = results.variants[line.variant];
  const hue = shade < 1 ? faded(colour(line.hue), shade) : colour(line.hue);
  const bold = what !== "train_loss";
  const main = {
    type: "scatter",
    mode: what === "val_loss" && line.x.length < 40 ? "lines+markers" : "lines",
    x: line.x,
    y: line.y,
    name: `${line.letter} ${results.variants[line.variant].name}`,
    legendgroup: line.letter,
    showlegend: named && inLegend(results, line.variant),
    line: {
      color: bold ? hue : faded(colour(line.hue), shade / 2),
      width: bold ? 2.2 : 1.2,
      dash: dashed ? "dash" : "solid",
    },
    marker: { size: 5, color: hue },
    hovertemplate: bold ? "%{y:.4g}" : `%{y:.4g} (${t("training")})`,
  };
  return line.low && !results.form ? [band(line, hue, main), main] : [main];
}

// Of a form, which has up to 24 variants, the legend names the two ends of every colour; the others have shades between.
function inLegend(results, variant) {
  if (!results.form || results.variants[variant].hue) return true;
  const alike = results.variants
    .map((each, index) => (each.letter === results.variants[variant].letter ? index : -1))
    .filter((index) => index >= 0);
  return variant === alike[0] || variant === alike.at(-1);
}

// One seed: thin while it goes; dashed to where it diverged, and a cross there.
function single(line) {
  const hue = colour(line.hue);
  const diverged = line.kind === "diverged";
  return {
    type: "scatter",
    mode: diverged ? "lines+markers" : "lines",
    x: line.x,
    y: line.y,
    showlegend: false,
    legendgroup: line.letter,
    line: { color: faded(hue, diverged ? 0.9 : 0.6), width: 1.2, ...(diverged && { dash: "dash" }) },
    marker: {
      symbol: "x",
      color: hue,
      size: line.x.map((_, index) => (diverged && index === line.x.length - 1 ? 9 : 0)),
    },
    hovertemplate: diverged ? `%{y:.4g} (${t("diverged")})` : "%{y:.4g}",
  };
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
    lines(ghost, what, page.shown.x)
      .filter(({ kind }) => kind === "mean")
      .map((line) => ({
        type: "scatter",
        mode: "lines",
        x: line.x,
        y: line.y,
        line: { color: faded(colour(line.hue), 0.35), width: 1, dash: "dot" },
        hoverinfo: "skip",
        showlegend: false,
      })),
  );
}
