// A config.json that becomes a variant, and a variant's configuration as a file.

import { h } from "./dom.js";
import { notice } from "./notices.js";
import { bytes, exact } from "./numbers.js";
import { openOffer } from "./offer.js";
import { LETTERS, listen, page, tell } from "./page.js";
import { toCompare } from "./putting.js";
import { saveAs } from "./saving.js";
import { segments } from "./segments.js";
import { ask } from "./server.js";
import { language, pick, t } from "./words.js";

const LIMIT = 64 * 1024; // bytes, as the server has it

const words = {
  title: () => t("config"),
  paste: () => t("config_paste"),
  choose: () => t("config_choose"),
  hint: () => t("config_hint", { limit: bytes(LIMIT) }),
  use: () => t("config_use"),
};

let dialog = null; // one for the whole page
let target = 0; // the variant that it is for

/** Asks for a config.json that is to become variant `index`. */
export function readConfiguration(index) {
  dialog ??= openOffer({ words, accept: ".json,application/json", extra: targets(), send });
  target = Math.min(index, page.variants.length - 1);
  tell("target");
  dialog.show();
}

/** A button that does so, for the variant whose tab is open. */
export const configurationButton = () =>
  h("button", { text: () => t("config_read"), onclick: () => readConfiguration(page.active) });

function targets() {
  const words = [...LETTERS].map((letter, index) => ({ value: index, text: letter }));
  const choose = (index) => (target = index);
  const { element, show } = segments({ label: () => t("config_into"), words, chosen: target, choose });
  listen("target", () => {
    show(target);
    [...element.children].forEach((label, index) => (label.hidden = index >= page.variants.length));
  });
  return h("div", { class: "row" }, h("span", { class: "note", text: () => t("config_into") }), element);
}

async function send(content, name) {
  if (content.size > LIMIT) return t("config_too_long", { size: exact(content.size), limit: exact(LIMIT) });
  const text = await content.text().catch(() => null);
  if (text == null) return t("file_unreadable", { name });
  const said = await ask("configuration", { content: text });
  if (said.refusal) return pick(said.refusal.text);
  become(target, said);
}

function become(index, { system, changes, ...read }) {
  const context = page.variants[index].changes["shape.context"];
  page.variants[index] = { system, changes: { ...changes, ...(context && { "shape.context": context }) }, read };
  tell("choices");
  toCompare(index);
  notice(t("config_done", { letter: LETTERS[index], what: told(read) }));
}

/** What became of a configuration that was read, in a sentence. */
export function told({ model_type, parameters, rounded }) {
  if (!model_type) return t("config_ours");
  const parts = [t("config_from", { type: model_type, parameters: exact(parameters) })];
  if (rounded.length) parts.push(t("rounded", { what: rounded.map(pick).join(t("list_join")) }));
  return parts.join(language() === "zh" ? "" : " ");
}

/** Hands the visitor variant `index`'s configuration as a file: ours, or the one that transformers reads. */
export async function saveConfiguration(index, form) {
  const said = await ask("configuration_file", { variants: [page.variants[index]], form }).catch(() => null);
  if (!said || said.refusal) return notice(said ? pick(said.refusal.text) : t("no_answer"), true);
  saveAs(said.name, said.content, "application/json");
}
