// The results: verdicts, what became of the runs, and a card a panel. A panel is a file in panels/, shown because it is there:
// it exports order, title(), note(), wide?, and mount(body, head) → {update()}, which is called when page.results changes.
// suits?(results) says for which experiments it is shown: without it, for those that have no form and so at most four variants.

import { h, relive } from "./dom.js";
import { listen, page } from "./page.js";
import { replayBar } from "./replay.js";
import { judge } from "./verdict.js";
import { onLanguage, t } from "./words.js";

export async function openResults(host, addresses) {
  const verdict = h("section", { class: "verdict", role: "status" });
  const grid = h("section", { class: "results", "aria-label": () => t("results") });
  host.append(verdict, replayBar(), grid);
  const panels = await Promise.all(
    addresses.map(async (address) => ({
      id: address.split("/").pop().replace(".js", ""),
      panel: await import(new URL(address, document.baseURI)),
    })),
  );
  const places = panels
    .sort((one, other) => one.panel.order - other.panel.order)
    .map((each) => ({ ...each, card: null, update: null }));
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
  const { id, panel } = place;
  const suits = panel.suits ? panel.suits(page.results) : !page.results?.form;
  if (suits && !place.card) Object.assign(place, mount(id, panel, grid, later.find(({ card }) => card)?.card ?? null));
  if (!place.card) return;
  place.card.hidden = !suits;
  if (suits) place.update();
}

function mount(id, panel, grid, before) {
  const words = h(
    "div",
    { class: "title" },
    h("h2", { text: panel.title }),
    panel.note && h("p", { class: "note", text: panel.note }),
  );
  const head = h("header", {}, words);
  const body = h("div", { class: "body" });
  const card = h("article", { class: `card panel${panel.wide ? " wide" : ""}`, "data-panel": id }, head, body);
  grid.insertBefore(card, before);
  return { card, update: panel.mount(body, head).update };
}
