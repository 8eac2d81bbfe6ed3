// ALiBi: what every head takes off a score, by distance.

import { dot, frame, line, ticks } from "../explain/drawing.js";
import { slopes } from "../explain/formulas.js";
import { figure } from "../numbers.js";
import { t } from "../words.js";

export const id = "alibi";
export const order = 1;
export const title = () => t("explain_alibi");
export const note = () => t("explain_alibi_note");

const LOWEST = -16;

export const begin = (values) => ({
  ...values,
  range: values.slopes,
  distance: Math.min(16, values.context),
  farthest: 2 * values.context,
});

export const controls = ({ farthest }) => [
  { key: "distance", title: () => t("explain_distance"), from: 0, to: farthest },
  { key: "heads", title: () => t("explain_heads"), from: 1, to: 32 },
  { key: "range", title: () => t("explain_range"), from: 1, to: 16, step: 0.5 },
];

export function draw({ heads, range, distance, farthest }, width) {
  const all = slopes(heads, range);
  const x = {
    from: 0,
    to: farthest,
    ticks: ticks(0, farthest, width < 400 ? 4 : 6),
    title: t("explain_distance_axis"),
  };
  const plot = frame(width, 240, x, { from: LOWEST, to: 0, ticks: [0, -4, -8, -12, -16], title: t("explain_added") });
  const steepest = Math.max(...all);
  const lines = all.map((slope) => {
    const end = Math.min(farthest, -LOWEST / slope);
    return line(
      plot.sx(0),
      plot.sy(0),
      plot.sx(end),
      plot.sy(-slope * end),
      'x-line" style="opacity: ' + shade(slope, steepest, all),
    );
  });
  const dots = all
    .filter((slope) => -slope * distance >= LOWEST)
    .map((slope) => dot(plot.sx(distance), plot.sy(-slope * distance), 3.5, "x-dot"));
  const [flat, steep] = [Math.min(...all), steepest];
  return {
    height: 240,
    svg:
      plot.axes +
      lines.join("") +
      line(plot.sx(distance), plot.top, plot.sx(distance), plot.bottom, "x-cursor") +
      dots.join(""),
    says: t("explain_alibi_says", {
      heads,
      steep: figure(steep),
      flat: figure(flat),
      distance,
      lost: figure(Math.exp(-steep * distance)),
      left: figure(Math.exp(-flat * distance)),
    }),
    drag: (at) => ({ distance: Math.round(Math.min(farthest, Math.max(0, plot.inverse(at)))) }),
  };
}

// Steep heads are fainter: the flat ones reach far, and are what tells ALiBi from a window.
const shade = (slope, steepest, all) =>
  all.length < 2 ? 1 : 0.35 + 0.65 * ([...all].sort((one, other) => other - one).indexOf(slope) / (all.length - 1));
