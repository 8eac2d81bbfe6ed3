// Sinusoidal positions: the waves that are added to the embedding, from fast to slow, at one position.

import { dot, line, path, word } from "../explain/drawing.js";
import { wave } from "../explain/formulas.js";
import { figure, short } from "../numbers.js";
import { t } from "../words.js";

export const id = "sinusoidal";
export const order = 3;
export const title = () => t("explain_sinusoidal");
export const note = () => t("explain_sinusoidal_note");

const [ROWS, ROW, LEFT, RIGHT] = [6, 38, 92, 12];

export const begin = (values) => ({
  ...values,
  position: Math.min(20, values.context),
  pair: Math.round(values.width / 8),
});

export const controls = ({ width, context }) => [
  { key: "position", title: () => t("explain_position"), from: 0, to: 2 * context },
  { key: "pair", title: () => t("explain_pair_slider"), from: 0, to: Math.ceil(width / 2) - 1 },
  { key: "width", title: () => t("explain_width"), from: 16, to: 1024, step: 16 },
];

export const settle = (state) => ({ ...state, pair: Math.min(state.pair, Math.ceil(state.width / 2) - 1) });

export function draw({ width: size, position, pair, context }, width) {
  const [last, end] = [Math.ceil(size / 2) - 1, 2 * context];
  const spread = Array.from({ length: ROWS - 1 }, (_, i) => Math.round((i * last) / (ROWS - 2)));
  const rows = [...new Set([...spread, pair])].sort((one, other) => one - other);
  const sx = (at) => LEFT + (at / end) * (width - LEFT - RIGHT);
  const drawn = rows.map((each, index) =>
    row(each, { size, position, end, sx, middle: (index + 0.5) * ROW + 6, chosen: each === pair }),
  );
  const bottom = rows.length * ROW + 12;
  const axis = [0, context, end]
    .map((tick) => word(sx(tick), bottom + 14, tick, "", tick === end ? "end" : "middle"))
    .join("");
  const frequency = wave(pair, size);
  return {
    height: bottom + 36,
    svg:
      drawn.join("") +
      line(sx(position), 4, sx(position), bottom, "x-cursor") +
      axis +
      word((LEFT + width - RIGHT) / 2, bottom + 32, t("explain_position_axis")),
    says: t("explain_sinusoidal_says", {
      pair,
      wavelength: short((2 * Math.PI) / frequency),
      position,
      sine: figure(Math.sin(position * frequency)),
      cosine: figure(Math.cos(position * frequency)),
    }),
    drag: (x) => ({ position: Math.round(Math.min(end, Math.max(0, ((x - LEFT) / (width - LEFT - RIGHT)) * end))) }),
  };
}

// A wave too fast for the picture's pixels is drawn at the positions alone.
function row(pair, { size, position, end, sx, middle, chosen }) {
  const frequency = wave(pair, size);
  const y = (at) => middle - 13 * Math.sin(at * frequency);
  const points = Array.from({ length: end + 1 }, (_, at) => [sx(at), y(at)]);
  const name = word(LEFT - 10, middle + 4, t("explain_pair", { pair }), chosen ? "x-strong" : "", "end");
  return (
    name +
    path(points, chosen ? "x-line" : "x-line x-faint") +
    dot(sx(position), y(position), chosen ? 4.5 : 3, chosen ? "x-dot" : "x-dot x-faint")
  );
}
