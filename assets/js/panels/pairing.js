// What the variants have in common before the first step: batches, and the tensors they start from.

import { fill, h } from "../dom.js";
import { page } from "../page.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 9;
export const wide = true;
export const title = () => t("pairing");
export const note = () => t("pairing_note");

export function mount(body) {
  const list = h("div", { class: "pairing" });
  body.append(list);
  const update = () =>
    fill(
      list,
      (page.results?.pairings ?? []).map((sentence) => h("p", { text: pick(sentence) })),
    );
  onLanguage(update);
  return { update };
}
