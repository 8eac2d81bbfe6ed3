// Norms: eight entries of a vector, and what LayerNorm and RMSNorm make of them. The mean is what RMSNorm leaves in.

import { box, line, word } from "../explain/drawing.js";
import { NORMS, meanOf } from "../explain/formulas.js";
import { figure } from "../numbers.js";
import { t } from "../words.js";

export const id = "norm";
export const order = 4;
export const title = () => t("explain_norm");
export const note = () => t("explain_norm_note");

const SHAPE = [-0.6, 1.1, 0.2, -1.4, 1.7, -0.4, 0.5, -1.1]; // its mean is 0
const NAMES = { layernorm: "LayerNorm", rmsnorm: "RMSNorm" };
const [ROW, LEFT, GAP] = [80, 92, 20];
const MOST = 5; // of what the picture shows of x

export const begin = (values) => ({ ...values, entries: SHAPE, shift: 1.5, scale: 1 });

export const controls = () => [
  { key: "shift", title: () => t("explain_shift"), from: -4, to: 4, step: 0.1, write: signed },
  { key: "scale", title: () => t("explain_scale"), from: 0.1, to: 3, step: 0.1, write: (factor) => `× ${factor}` },
];

const signed = (number) => `${number < 0 ? "−" : "+"}${Math.abs(number)}`;

export const vector = ({ entries, shift, scale }) => entries.map((entry) => scale * entry + shift);

export function draw(state, width) {
  const x = vector(state);
  const made = Object.fromEntries(Object.entries(NORMS).map(([name, norm]) => [name, norm(x, state.eps)]));
  const rows = [
    ["x", x, MOST, ""],
    [NAMES.layernorm, made.layernorm, 3, state.norm === "layernorm" ? "x-strong" : ""],
    [NAMES.rmsnorm, made.rmsnorm, 3, state.norm === "rmsnorm" ? "x-strong" : ""],
  ];
  const each = (width - LEFT - 8) / x.length;
  const drawn = rows.map(([name, values, most, style], index) =>
    bars({ name, values, most, style, top: index * (ROW + GAP) + 4, each, width }),
  );
  const mean = (values) => figure(+meanOf(values).toFixed(4));
  return {
    height: rows.length * (ROW + GAP) + 6,
    svg: drawn.join(""),
    says: t("explain_norm_says", { mean: mean(x), layernorm: mean(made.layernorm), rmsnorm: mean(made.rmsnorm) }),
    drag: (at, y) => pulled(state, Math.floor((at - LEFT) / each), y),
  };
}

function bars({ name, values, most, style, top, each, width }) {
  const sy = (value) => top + ROW / 2 - (Math.max(-most, Math.min(most, value)) / most) * (ROW / 2);
  const grid = [-most, 0, most].map(
    (tick) => line(LEFT, sy(tick), width - 8, sy(tick), "x-grid") + word(LEFT - 6, sy(tick) + 4, tick, "", "end"),
  );
  const drawn = values.map((value, index) =>
    box(
      LEFT + index * each + 3,
      Math.min(sy(0), sy(value)),
      each - 6,
      Math.abs(sy(value) - sy(0)),
      style ? "x-fill" : "x-fill x-faint",
    ),
  );
  const mean = line(LEFT, sy(meanOf(values)), width - 8, sy(meanOf(values)), "x-mean");
  return word(0, top + ROW / 2 + 4, name, style, "start") + grid.join("") + drawn.join("") + mean;
}

// A bar of x follows the pointer; the others stay where they are.
function pulled(state, index, y) {
  if (index < 0 || index >= state.entries.length || y > ROW + GAP) return null;
  const value = Math.max(-MOST, Math.min(MOST, ((4 + ROW / 2 - y) / (ROW / 2)) * MOST));
  return { entries: state.entries.map((entry, at) => (at === index ? (value - state.shift) / state.scale : entry)) };
}
