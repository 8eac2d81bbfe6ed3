// The results: verdicts, what became of the runs, and a card a panel. A panel is a file in panels/, shown because it is there:
// it exports order, title(), note(), wide?, and mount(body, head) → {update()}, which is called when page.results changes.

import { fill, h, relive } from "./dom.js";
import { LETTERS, listen, page, tell } from "./page.js";
import { onLanguage, pick, t } from "./words.js";

const GOING = new Set(["queued", "running"]);

export async function openResults(host, addresses) {
  const verdict = h("section", { class: "verdict", role: "status" });
  const grid = h("section", { class: "results", "aria-label": () => t("results") });
  host.append(verdict, grid);
  const panels = await Promise.all(addresses.map((address) => import(new URL(address, document.baseURI))));
  const mounted = panels.sort((one, other) => one.order - other.order).map((panel) => mount(panel, grid));
  const renew = () => {
    judge(verdict);
    relive(grid);
    for (const panel of mounted) panel.update();
  };
  listen("results", renew);
  onLanguage(() => judge(verdict));
  renew();
}

function mount(panel, grid) {
  const words = h("div", { class: "title" }, h("h2", { text: panel.title }), panel.note && h("p", { class: "note", text: panel.note }));
  const head = h("header", {}, words);
  const body = h("div", { class: "body" });
  grid.append(h("article", { class: `card panel${panel.wide ? " wide" : ""}` }, head, body));
  return panel.mount(body, head);
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
  fill(host, where.length && !said.length ? [] : said, troubles(results), where, expected, ends());
}

// What went wrong with a run, in words.
function troubles(results) {
  const told = results.runs.filter((run) => ["diverged", "failed", "interrupted", "stopped"].includes(run.state));
  return told.map((run) => {
    const who = `${LETTERS[run.variant] ?? run.variant + 1}${results.seeds > 1 ? ` · ${t("seed")} ${run.seed}` : ""}${t("colon")}`;
    const what = run.state === "failed" || run.state === "interrupted" ? pick(run.reason) || t("run_failed") : t(`run_${run.state}`, { step: run.diverged_at ?? run.step });
    return h("span", { class: "note", text: who + what });
  });
}

function ends() {
  if (!page.ghosts.length) return null;
  const dismiss = () => {
    page.ghosts = [];
    tell("results");
  };
  return h("span", { class: "end" }, h("button", { class: "plain", text: t("dismiss_ghosts"), onclick: dismiss }));
}
