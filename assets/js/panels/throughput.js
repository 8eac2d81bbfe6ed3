// Throughput: what training and the exported files reached, as bars; what every engine does by context and batch, as curves.

import { mountBars } from "../speed-bars.js";
import { mountMeasured } from "../speed-curves.js";
import { h } from "../dom.js";
import { t } from "../words.js";

export const order = 5;
export const wide = true;
export const title = () => t("speed");
export const note = () => t("speed_note");

export function mount(body) {
  const bars = h("div", { class: "bars" });
  const curves = h("section", { class: "measured" });
  const exact = h("div", { class: "exact" });
  body.append(h("div", { class: "speeds" }, bars, curves), exact);
  mountMeasured(curves, exact);
  return { update: mountBars(bars) };
}
