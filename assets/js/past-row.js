// One experiment of the history: what it is, what it came to, and what can be done with it. Deleting asks once more.

import { moment } from "./dates.js";
import { fill, h } from "./dom.js";
import { notice } from "./notices.js";
import { figure } from "./numbers.js";
import { owner } from "./owner.js";
import { bring } from "./page.js";
import { ask } from "./server.js";
import { showTab } from "./tabs.js";
import { attach, startTraining } from "./training.js";
import { pick, t } from "./words.js";

/** A row as a list item; `chosen()` is its place among those that are compared, or −1. */
export function pastRow(row, { chosen, choose, gone }) {
  const name = pick(row.title);
  const box = h("input", {
    type: "checkbox",
    "aria-label": t("past_compare", { title: name }),
    onchange: () => choose(row.id, box.checked),
  });
  const tag = h("span", { class: "tag past-number", "aria-hidden": "true" });
  const title = h("button", { class: "past-title", text: name, title: t("past_open"), onclick: () => open(row.id) });
  const about = h(
    "p",
    { class: "note" },
    h("span", { text: [moment(row.created), ...row.setting.map(pick)].join(" · ") }),
  );
  const actions = h("div", { class: "past-actions" });
  const words = h("div", { class: "past-words" }, h("div", { class: "past-head" }, title, marks(row)), about);
  const element = h(
    "li",
    { class: "card past-row", "data-id": row.id },
    h("label", { class: "past-pick" }, box, tag),
    words,
    ends(row),
    actions,
  );
  element.renew = () => {
    const place = chosen();
    box.checked = place >= 0;
    tag.textContent = place >= 0 ? place + 1 : "";
    tag.hidden = place < 0;
    tag.dataset.letter = "ABCD"[place] ?? "";
  };
  element.renew();
  usual(actions, row, name, gone);
  return element;
}

function usual(actions, row, name, gone) {
  const labelled = (key) => ({ text: t(key), "aria-label": `${t(key)}${t("colon")}${name}` });
  const remove = h("button", {
    class: "plain",
    ...labelled("past_delete"),
    hidden: row.origin === "gallery",
    onclick: () => sure(actions, row, name, gone),
  });
  fill(
    actions,
    h("button", { ...labelled("past_open"), onclick: () => open(row.id) }),
    h("button", { ...labelled("past_again"), onclick: () => again(row.id) }),
    remove,
  );
  return remove;
}

// What is deleted is gone with its models, so it is asked first, in the place of the button.
function sure(actions, row, name, gone) {
  const back = () => usual(actions, row, name, gone).focus();
  const yes = h("button", { class: "past-delete", text: t("past_delete"), onclick: () => remove(row.id, gone, back) });
  const no = h("button", { text: t("cancel"), onclick: back });
  fill(actions, h("p", { class: "note", role: "alert", text: t("past_sure") }), yes, no);
  no.focus();
}

async function remove(id, gone, back) {
  const said = await ask("delete", { id, owner: owner() }).catch(() => null);
  if (said && !said.refusal) return gone();
  notice(said ? pick(said.refusal.text) : t("no_answer"), true);
  back();
}

/** Brings the experiment up on Compare, with its results; "again" trains it anew. */
async function open(id) {
  if (await recall(id)) attach(id, true);
}

async function again(id) {
  if (await recall(id)) startTraining();
}

async function recall(id) {
  const said = await ask("recall", { id }).catch(() => null);
  if (!said || said.refusal) return void notice(said ? pick(said.refusal.text) : t("no_answer"), true);
  bring(said.experiment);
  showTab("compare", { top: true });
  return true;
}

function marks(row) {
  const origin = row.origin && h("span", { class: "past-mark", text: t(`past_${row.origin}`) });
  const ended =
    row.state === "finished"
      ? null
      : h("span", { class: "past-mark", "data-state": row.state, text: t(`past_is_${row.state}`) });
  return [origin, ended];
}

function ends(row) {
  const each = row.ends.map(({ letter, value }) =>
    h(
      "li",
      { "data-letter": letter || null },
      h("b", { text: letter || t("past_best") }),
      h("span", { text: figure(value) }),
    ),
  );
  return h(
    "div",
    { class: "past-ends" },
    row.ends.length > 0 && h("ul", {}, each),
    row.ends.length > 0 && h("p", { class: "note", text: pick(row.unit) }),
  );
}
