// The gradient's norm over all parameters, before clipping: spikes and growth show here first.

import { chart, logTicks } from "../charts.js";
import { h } from "../dom.js";
import { listen, page } from "../page.js";
import { ghosts, traces } from "../traces.js";
import { t } from "../words.js";

export const order = 2;
export const title = () => t("gradient_norm");
export const note = () => t("gradient_note");
export const suits = () => true;

export function mount(body) {
  const area = h("div", { class: "chart" });
  body.append(area);
  const drawn = chart(area, describe, "run");
  listen("shown", drawn.draw);
  return { update: drawn.draw };
}

function describe() {
  const { results, shown } = page;
  const curves = results ? traces(results, "grad_norm") : [];
  return {
    traces: [...ghosts("grad_norm"), ...curves],
    layout: {
      hovermode: results?.form ? "closest" : "x unified",
      xaxis: { title: t(`x_${shown.x}`), rangemode: "tozero" },
      yaxis: { type: "log", title: "", ...logTicks(curves) },
    },
    summary: t("gradient_norm"),
    empty: curves.length ? null : t(results ? "no_points_yet" : "nothing_trained"),
  };
}
