// The receptive field: which tokens the last state hears of through several layers, each of which sees only so far.

import { box, word } from "../explain/drawing.js";
import { receptive } from "../explain/formulas.js";
import { settled, spanControls, spanned } from "../explain/spans.js";
import { t } from "../words.js";

export const id = "span";
export const order = 6;
export const title = () => t("explain_span");
export const note = () => t("explain_span_note");
export const settle = settled;

const [ROW, LEFT, GAP] = [20, 64, 6];

export const begin = (values) => ({ ...spanned(values), query: Math.min(64, values.context) - 1 });

export const controls = (state) => [
  ...spanControls(state),
  { key: "query", title: () => t("explain_query"), from: 0, to: state.tokens - 1 },
  { key: "layers", title: () => t("explain_layers"), from: 1, to: 8 },
];

export function draw(state, width) {
  const { query, layers, tokens } = state;
  const rows = receptive(query, state, layers);
  const each = (width - LEFT - 4) / tokens;
  const drawn = rows.map((row, below) => {
    const top = (layers - below) * (ROW + GAP) + 4;
    const name = below ? t("explain_layer", { layer: below }) : t("explain_tokens");
    const cells = Array.from({ length: tokens }, (_, j) =>
      box(
        LEFT + j * each + 0.5,
        top,
        each - 1,
        ROW,
        row[j] ? (below === layers ? "x-fill" : "x-fill x-half") : "x-empty",
      ),
    );
    return word(LEFT - 8, top + 14, name, "", "end") + cells.join("");
  });
  const heard = rows[0].filter(Boolean).length;
  const height = (layers + 1) * (ROW + GAP) + 26;
  const axis = word(LEFT, height - 6, 0, "", "start") + word(LEFT + tokens * each, height - 6, tokens - 1, "", "end");
  return {
    height,
    svg: drawn.join("") + axis,
    says: t(layers === 1 ? "explain_span_says_one" : "explain_span_says", {
      query,
      layers,
      heard,
      all: query + 1,
      farthest: query - rows[0].indexOf(true),
    }),
    drag: (x) => ({ query: Math.min(tokens - 1, Math.max(0, Math.floor((x - LEFT) / each))) }),
  };
}
