// What the two explainers of spans share: which kind, and the sliders of its lengths.

import { t } from "../words.js";

export const KINDS = ["full", "window", "dilated", "strided", "chunked", "global_tokens"];
const LENGTHS = {
  window: ["window"],
  dilated: ["window", "stride"],
  strided: ["stride"],
  chunked: ["chunk"],
  global_tokens: ["globals"],
};
const USUAL = { window: 8, stride: 4, chunk: 16, globals: 4 };
const MOST = 64; // tokens in a picture

export const spanned = (values) => ({
  ...USUAL,
  ...values,
  kind: values.kinds.join("~") || "full",
  tokens: Math.min(MOST, values.context),
  layers: Math.min(values.local.length, 8),
});

/** The state after a kind was chosen: a layer pattern without local layers becomes one where all are. */
export function settled(state, key) {
  if (key !== "kind") return state;
  const kinds = state.kind === "full" ? [] : state.kind.split("~");
  return { ...state, kinds, local: state.local.some(Boolean) ? state.local : state.local.map(() => true) };
}

/** The choice of a kind, the visitor's own union among them, and a slider for each length it has. */
export function spanControls({ kind, kinds, tokens }) {
  const words = [...KINDS, ...(kind.includes("~") ? [kind] : [])].map((word) => [
    word,
    () =>
      word
        .split("~")
        .map((each) => t(`explain_span_${each}`))
        .join(" ∪ "),
  ]);
  const lengths = [...new Set(kinds.flatMap((each) => LENGTHS[each] ?? []))];
  return [
    { key: "kind", title: () => t("explain_kind"), words },
    ...lengths.map((key) => ({ key, title: () => t(`explain_${key}`), from: 1, to: tokens })),
  ];
}
