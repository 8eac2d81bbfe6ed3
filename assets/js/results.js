// The results: verdicts, what became of the runs, and a card a panel. A panel is a file in panels/, shown because it is there:
// it exports order, title(), note(), wide?, and mount(body, head) → {update()}, which is called when page.results changes.
// suits?(results) says for which experiments it is shown: without it, for those that have no form and so at most four variants.

import { fill, h, relive } from "./dom.js";
import { LETTERS, listen, page, tell } from "./page.js";
import { whichChange } from "./which-change.js";
import { onLanguage, pick, t } from "./words.js";

const GOING = new Set(["queued", "running"]);
const MOST_TROUBLES = 6; // runs that went wrong, told one by one

export async function openResults(host, addresses) {
  const verdict = h("section", { class: "verdict", role: "status" });
  const grid = h("section", { class: "results", "aria-label": () => t("results") });
  host.append(verdict, grid);
  const panels = await Promise.all(addresses.map((address) => import(new URL(address, document.baseURI))));
  const places = panels.sort((one, other) => one.order - other.order).map((panel) => ({ panel, card: null, update: null }));
  const renew = () => {
    judge(verdict);
    relive(grid);
    places.forEach((place, index) => show(place, grid, places.slice(index + 1)));
  };
  listen("results", renew);
  onLanguage(() => judge(verdict));
  renew();
}

// A panel is made when it is first to be shown, and stands before those that come after it.
function show(place, grid, later) {
  const { panel } = place;
  const suits = panel.suits ? panel.suits(page.results) : !page.results?.form;
  if (suits && !place.card) Object.assign(place, mount(panel, grid, later.find(({ card }) => card)?.card ?? null));
  if (!place.card) return;
  place.card.hidden = !suits;
  if (suits) place.update();
}

function mount(panel, grid, before) {
  const words = h("div", { class: "title" }, h("h2", { text: panel.title }), panel.note && h("p", { class: "note", text: panel.note }));
  const head = h("header", {}, words);
  const body = h("div", { class: "body" });
  const card = h("article", { class: `card panel${panel.wide ? " wide" : ""}` }, head, body);
  grid.insertBefore(card, before);
  return { card, update: panel.mount(body, head).update };
}

function judge(host) {
  const { results } = page;
  host.hidden = !results;
  if (!results) return;
  const bad = results.runs.some((run) => ["diverged", "failed", "interrupted"].includes(run.state));
  host.classList.toggle("bad", bad);
  const expected = page.expected?.id === results.id ? [h("span", { class: "note", text: pick(page.expected.says) })] : [];
  const said = results.verdicts.map((sentence, index) => h(index ? "span" : "b", { text: pick(sentence) }));
  if (!said.length && !expected.length && GOING.has(results.state)) said.push(h("span", { class: "note", text: t("no_verdict_yet") }));
  const where = results.live ? [] : [h("span", { class: "note", text: `${pick(results.title ?? "")} ${t("shipped_note")}` })];
  fill(host, where.length && !said.length ? [] : said, troubles(results), where, expected, whichChange(), ends());
}

// What went wrong with a run, in words.
function troubles(results) {
  const told = results.runs.filter((run) => ["diverged", "failed", "interrupted", "stopped"].includes(run.state));
  const more = told.length - MOST_TROUBLES;
  const rest = more > 0 ? [h("span", { class: "note", text: t("form_and_more", { count: more }) })] : [];
  return [...told.slice(0, MOST_TROUBLES).map(trouble), ...rest];

  function trouble(run) {
    const who = `${whoOf(results, run.variant)}${results.seeds > 1 ? ` · ${t("seed")} ${run.seed}` : ""}${t("colon")}`;
    const what = run.state === "failed" || run.state === "interrupted" ? pick(run.reason) || t("run_failed") : t(`run_${run.state}`, { step: run.diverged_at ?? run.step });
    return h("span", { class: "note", text: who + what });
  }
}

const whoOf = (results, variant) => (results.form ? `${results.variants[variant].letter} ${results.variants[variant].name}` : (LETTERS[variant] ?? variant + 1));

function ends() {
  if (!page.ghosts.length) return null;
  const dismiss = () => {
    page.ghosts = [];
    tell("results");
  };
  return h("span", { class: "end" }, h("button", { class: "plain", text: t("dismiss_ghosts"), onclick: dismiss }));
}
