// The KV cache as it fills: at one token, what each layer keeps and computes, and what it would compute without a cache.

import { box, word } from "../explain/drawing.js";
import { kept } from "../explain/formulas.js";
import { settled, spanControls, spanned } from "../explain/spans.js";
import { bytes, exact } from "../numbers.js";
import { t } from "../words.js";

export const id = "cache";
export const order = 7;
export const title = () => t("explain_cache");
export const note = () => t("explain_cache_note");
export const settle = settled;

const [ROW, LEFT, GAP, HEAD] = [14, 64, 4, 22];
const FLOAT = 4; // bytes a number, as the chips count

export const begin = (values) => ({
  ...spanned(values),
  layers: values.local.length,
  token: Math.floor(0.7 * Math.min(64, values.context)),
});

export const controls = (state) => [
  { key: "token", title: () => t("explain_token"), from: 0, to: state.tokens - 1 },
  ...spanControls(state),
  { key: "kv", title: () => t("explain_kv"), from: 1, to: Math.max(state.kv, state.query) },
];

/** Bytes that the cache holds after `length` tokens. */
export const held = (state, length) =>
  2 * state.kv * state.head * FLOAT * state.local.reduce((sum, _, layer) => sum + kept(layer, length, state), 0);

export function draw(state, width) {
  const { token, tokens } = state;
  const each = (width - LEFT - 4) / tokens;
  const layers = Math.min(state.local.length, 8);
  const block = layers * (ROW + GAP) + HEAD + 6;
  const strip = (top, style) =>
    Array.from({ length: layers }, (_, layer) =>
      row({ state, layer, each, top: top + HEAD + layer * (ROW + GAP), style }),
    ).join("");
  const [length, fresh] = [token + 1, state.local.length];
  const words = {
    token,
    kept: exact(state.local.reduce((sum, _, layer) => sum + kept(layer, length, state), 0)),
    fresh,
    bytes: bytes(held(state, length)),
    without: exact(fresh * length),
    sofar: exact(fresh * length),
    total: exact((fresh * length * (length + 1)) / 2),
  };
  return {
    height: 2 * block + 22,
    svg:
      word(0, 14, t("explain_cache_with"), "x-strong", "start") +
      strip(0, "with") +
      word(0, block + 14, t("explain_cache_without"), "x-strong", "start") +
      strip(block, "without") +
      word(LEFT, 2 * block + 14, 0, "", "start") +
      word(LEFT + tokens * each, 2 * block + 14, tokens - 1, "", "end"),
    says: t("explain_cache_says", words),
    drag: (x) => ({ token: Math.min(tokens - 1, Math.max(0, Math.floor((x - LEFT) / each))) }),
  };
}

// Full: computed at this token. Pale: kept from before. A dropped one is an outline, one to come is empty.
function row({ state, layer, each, top, style }) {
  const { token, tokens } = state;
  const held = kept(layer, token + 1, state);
  const look = (j) => {
    if (j > token) return "x-empty";
    if (style === "without" || j === token) return "x-fill";
    return j > token - held ? "x-fill x-half" : "x-dropped";
  };
  const cells = Array.from({ length: tokens }, (_, j) => box(LEFT + j * each + 0.5, top, each - 1, ROW, look(j)));
  return word(LEFT - 8, top + 11, t("explain_layer", { layer: layer + 1 }), "", "end") + cells.join("");
}
