// Puts the page together. Called once, by the host component, with what it offers: element, props, server.

import { openCharts, plotly } from "./charts.js";
import { openDescribing } from "./describing.js";
import { h } from "./dom.js";
import { openHeader } from "./header.js";
import { apply, read } from "./flags.js";
import { openHelp } from "./help.js";
import { notice, openNotices } from "./notices.js";
import { owner } from "./owner.js";
import { listen, page, tell } from "./page.js";
import { addStream, ask, openServer } from "./server.js";
import { playWhenThere } from "./replay.js";
import { openSwitches } from "./switches.js";
import { mountOthers, openTabs } from "./tabs.js";
import { attach, shaped } from "./training.js";
import { openWords, pick, t } from "./words.js";

const AGAIN = 2000; // ms

export async function start({ element, props, server }) {
  const root = element.querySelector("#playground");
  openServer(server);
  const flags = read(location.search);
  openWords(props.page.texts, flags.lang);
  openSwitches();
  openCharts(new URL(props.page.plotly, document.baseURI).href);
  const opened = await opening(root);
  const shipped = opened.shipped && shaped(opened.shipped, false);
  Object.assign(page, {
    prepared: opened.prepared,
    fields: opened.fields,
    systems: opened.systems,
    limits: opened.limits,
    shipped,
    results: opened.run ? null : shipped,
  }); // a link's own run is awaited, nothing else shown meanwhile
  Object.assign(page, opened.experiment);
  await build(root, props.page, opened);
  const unknown = apply(flags, root, { axes: axesOf(opened.fields), panels: panelsOf(props.page.panels) });
  for (const note of [...opened.notes.map(pick), unknown].filter(Boolean)) notice(note, true);
  page.expected = opened.prepared.find(({ id }) => id === opened.run) ?? null;
  if (flags.autoplay) playWhenThere(flags.autoplay, opened.run);
  await openDescribing();
  if (opened.run) attach(opened.run);
  else tell("results");
  root.dataset.ready = "";
  await plotly();
  mountOthers();
}

/** The names by which an address may show or hide choices and panels. */
const axesOf = (fields) => fields.choices.map(({ name }) => name);
const panelsOf = (addresses) => addresses.map((address) => address.split("/").pop().replace(".js", ""));

// A server that is just starting, or was restarted, answers a little later: asked again until it does.
async function opening(root) {
  const given = { query: location.search, run: new URLSearchParams(location.search).get("run"), owner: owner() };
  for (;;) {
    const opened = await ask("open", given).catch(() => null);
    if (opened && !opened.refusal) return opened;
    root.replaceChildren(
      h("p", { class: "opening", role: "alert", text: opened ? pick(opened.refusal.text) : t("no_answer") }),
    );
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

function build(root, given, opened) {
  const head = h("header", { class: "head" });
  const main = h("div", { class: "tab-panels" });
  root.replaceChildren(head, main);
  openNotices(root);
  openHelp(root);
  listen("folded", () => root.classList.toggle("trained", page.folded));
  return openTabs(openHeader(head, opened.device), main, given.tabs, { ...given, opened });
}

/** Streams have components of their own, which may be on the page before or after this one. */
window.playgroundStream = addStream;
for (const host of window.playgroundStreams ?? []) addStream(host);
