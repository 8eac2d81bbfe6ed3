// A soft cap: what becomes of a score or a logit, and of the gradient through it.

import { dot, frame, line, ticks } from "../explain/drawing.js";
import { softCap, softCapSlope } from "../explain/formulas.js";
import { figure } from "../numbers.js";
import { t } from "../words.js";

export const id = "cap";
export const order = 8;
export const title = () => t("explain_cap");
export const note = () => t("explain_cap_note");

const EDGE = 150;

export const begin = (values) => ({ ...values, x: 60 });

export const controls = () => [
  { key: "x", title: () => t("explain_raw"), from: -EDGE, to: EDGE },
  { key: "cap", title: () => t("explain_cap_slider"), from: 1, to: 200, log: true },
];

export function draw({ cap, x }, width) {
  const axis = { from: -EDGE, to: EDGE, ticks: ticks(-EDGE, EDGE, width < 400 ? 4 : 6) };
  const plot = frame(
    width,
    240,
    { ...axis, title: t("explain_raw") },
    { ...axis, ticks: [-150, -75, 0, 75, 150], title: t("explain_capped") },
  );
  const y = softCap(x, cap);
  const bounds =
    cap < EDGE
      ? [cap, -cap].map((each) => line(plot.left, plot.sy(each), plot.right, plot.sy(each), "x-edge")).join("")
      : "";
  return {
    height: 240,
    svg:
      plot.axes +
      bounds +
      plot.curve((each) => each, "x-line x-ghost") +
      plot.curve((each) => softCap(each, cap), "x-line") +
      line(plot.sx(x), plot.top, plot.sx(x), plot.bottom, "x-cursor") +
      dot(plot.sx(x), plot.sy(y), 4.5, "x-dot"),
    says: t("explain_cap_says", { x, y: figure(y), cap, slope: figure(100 * softCapSlope(x, cap)) }),
    drag: (at) => ({ x: Math.round(Math.min(EDGE, Math.max(-EDGE, plot.inverse(at)))) }),
  };
}
