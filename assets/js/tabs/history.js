// The history tab: what this visitor has trained or brought, and the gallery: searched, compared, opened, run again, deleted.

import { fill, h, later } from "../dom.js";
import { pastChart } from "../past-chart.js";
import { pastRow } from "../past-row.js";
import { bytes } from "../numbers.js";
import { owner } from "../owner.js";
import { listen, page } from "../page.js";
import { ask, latest } from "../server.js";
import { importing } from "../share.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 1.8;
export const title = () => t("history");

const TYPING = 150; // ms after the last letter until it is searched for
const TOGETHER = 4; // experiments in one chart

export function mount(host) {
  const state = { rows: [], found: 0, all: 0, chosen: [] };
  const search = h("input", {
    type: "search",
    maxlength: "200",
    "aria-label": () => t("past_search"),
    placeholder: () => t("past_search"),
    oninput: later(() => renew(), TYPING),
  });
  const count = h("p", { class: "note past-count", role: "status" });
  const list = h("ul", { class: "past-list" });
  const more = h("button", { class: "past-more", text: () => t("past_more"), onclick: () => load(state.rows.length) });
  const together = pastChart((id) => choose(id, false));
  const show = h("button", {
    class: "past-show",
    disabled: true,
    text: () => t("past_show", { count: state.chosen.length }),
    onclick: () => together.show(state.chosen, true),
  });
  const intro = h(
    "div",
    { class: "intro" },
    h("h2", { text: () => t("history_title") }),
    h("p", { class: "note", text: () => `${t(page.limits.name === "local" ? "past_all" : "past_yours")} ${kept()}` }),
  );
  const bar = h("div", { class: "past-bar" }, search, count, show, importing());
  fill(host, h("div", { class: "columns past" }, intro, bar, together.element, list, more));

  /** The first page anew, whatever was shown. */
  const renew = () => load(0);

  const load = latest((after) => ask("history", { owner: owner(), search: search.value, after }), take);

  function take(said, after) {
    if (!said || said.refusal)
      return void fill(
        list,
        h("li", { class: "nothing", role: "alert", text: said ? pick(said.refusal.text) : t("no_answer") }),
      );
    Object.assign(state, { rows: [...state.rows.slice(0, after), ...said.rows], found: said.found, all: said.all });
    draw(after);
  }

  function draw(from = 0) {
    const rows = state.rows
      .slice(from)
      .map((row) => pastRow(row, { chosen: () => state.chosen.indexOf(row.id), choose, gone: renew }));
    const focused = from && more === document.activeElement;
    fill(list, [...list.children].slice(0, from), rows);
    if (!state.rows.length)
      fill(list, h("li", { class: "nothing", text: t(state.all ? "past_none_found" : "past_empty") }));
    if (focused) rows[0]?.querySelector("input, button").focus();
    more.hidden = state.rows.length >= state.found;
    count.textContent = search.value.trim()
      ? t("past_found", { found: state.found, all: state.all })
      : t("past_count", { all: state.all });
    list.setAttribute("aria-label", count.textContent);
  }

  function choose(id, chosen) {
    state.chosen = state.chosen.filter((each) => each !== id);
    if (chosen) state.chosen = [...state.chosen, id].slice(-TOGETHER);
    for (const row of list.children) row.renew?.();
    Object.assign(show, {
      disabled: !state.chosen.length,
      textContent: t("past_show", { count: state.chosen.length }),
    });
    together.show(state.chosen);
  }

  listen("tab", () => page.tab === "history" && renew());
  onLanguage(() => draw());
  if (page.tab === "history") renew();
}

/** How long, and how much of it, is kept here. */
function kept() {
  const { history_days: days, history_bytes: size } = page.limits;
  const parts = [days && t("past_days", { days }), size && t("past_bytes", { size: bytes(size) })].filter(Boolean);
  return parts.length ? parts.join(" ") : t("past_kept");
}
