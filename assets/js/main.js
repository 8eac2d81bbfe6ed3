// Puts the page together. Called once, by the host component, with what it offers: element, props, server, trigger, watch.

import { openCharts, plotly } from "./charts.js";
import { openDescribing } from "./describing.js";
import { h } from "./dom.js";
import { openHeader } from "./header.js";
import { openHelp } from "./help.js";
import { notice, openNotices } from "./notices.js";
import { owner } from "./owner.js";
import { LETTERS, add, listen, page, tell } from "./page.js";
import { openRecipe } from "./recipe.js";
import { openResults } from "./results.js";
import { addStream, ask, openServer } from "./server.js";
import { openSwitches } from "./switches.js";
import { attach, openTraining, shaped, startTraining } from "./training.js";
import { openTries } from "./tries.js";
import { openVariants } from "./variants.js";
import { openWords, pick, t } from "./words.js";

const AGAIN = 2000; // ms

export async function start({ element, props, server }) {
  const root = element.querySelector("#playground");
  openServer(server);
  openWords(props.page.texts);
  openSwitches();
  openCharts(new URL(props.page.plotly, document.baseURI).href);
  const opened = await opening(root);
  const shipped = opened.shipped && shaped(opened.shipped, false);
  Object.assign(page, { fields: opened.fields, systems: opened.systems, limits: opened.limits, shipped, results: shipped });
  Object.assign(page, opened.experiment);
  build(root, props.page, opened);
  for (const note of opened.notes) notice(pick(note), true);
  await openDescribing();
  if (opened.run) attach(opened.run);
  else tell("results");
  root.dataset.ready = "";
  plotly();
}

// A server that is just starting, or was restarted, answers a little later: asked again until it does.
async function opening(root) {
  const given = { query: location.search, run: new URLSearchParams(location.search).get("run"), owner: owner() };
  for (;;) {
    const opened = await ask("open", given).catch(() => null);
    if (opened && !opened.refusal) return opened;
    root.replaceChildren(h("p", { class: "opening", role: "alert", text: opened ? pick(opened.refusal.text) : t("no_answer") }));
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

function build(root, given, opened) {
  const head = h("header", { class: "head" });
  const tries = h("section", { class: "tries", "aria-label": () => t("try_this") });
  const more = h("button", { class: "plain add", text: () => `+ ${t("add_variant")}`, onclick: () => add() });
  const top = h("div", { class: "above" }, tries, more);
  const variants = h("section", { "aria-label": () => t("variants"), class: "variants" });
  const bar = h("section", { class: "card bar", "aria-label": () => t("recipe") });
  const columns = h("div", { class: "columns" }, top, variants, bar);
  root.replaceChildren(head, columns);
  openNotices(root);
  openHelp(root);
  openHeader(head, opened.device);
  openTries(tries, opened.tries, startTraining);
  openVariants(variants);
  openTraining(openRecipe(bar));
  openResults(columns, given.panels);
  listen("folded", () => root.classList.toggle("trained", page.folded));
  listen("choices", () => (more.disabled = page.variants.length >= LETTERS.length));
}

/** Streams have components of their own, which may be on the page before or after this one. */
window.playgroundStream = addStream;
for (const host of window.playgroundStreams ?? []) addStream(host);
