// The explainers tab: all pictures that one can drag, each with the values of the first variant that has what it is about.

import { experiment } from "../describing.js";
import { fill, h } from "../dom.js";
import { explainer, first } from "../explain/explainer.js";
import { VIEWS } from "../explain/views.js";
import { listen, page } from "../page.js";
import { ask } from "../server.js";
import { loading } from "../tabs.js";
import { pick, t } from "../words.js";

export const order = 1.7;
export const title = () => t("explainers");

export async function mount(host) {
  const state = { said: null, asked: "" };
  const intro = h(
    "div",
    { class: "intro" },
    h("h2", { text: () => t("explainers_title") }),
    h("p", { class: "note", text: () => t("explainers_note") }),
  );
  const grid = h("div", { class: "explainers" }, loading());
  fill(host, h("div", { class: "columns" }, intro, grid));
  const cards = [];

  // The variants may have changed since the tab was last looked at.
  async function arrive() {
    if (page.tab !== "explainers") return;
    const chosen = JSON.stringify(page.variants);
    if (chosen !== state.asked) {
      const said = await ask("explained", experiment()).catch(() => null);
      if (!said || said.refusal)
        return fill(
          grid,
          h("p", { class: "nothing", role: "alert", text: () => (said ? pick(said.refusal.text) : t("no_answer")) }),
        );
      Object.assign(state, { said, asked: chosen });
      if (!cards.length || !grid.contains(cards[0].element))
        fill(
          grid,
          (cards.splice(0, Infinity, ...VIEWS.map((view) => card(view, said))), cards.map(({ element }) => element)),
        );
      for (const each of cards) each.begin(said);
    }
    const there = page.anchor && document.getElementById(page.anchor.slice(1));
    if (there && host.contains(there)) there.scrollIntoView({ block: "start", behavior: "instant" });
  }

  listen("tab", arrive);
  await arrive();
}

function card(view, said) {
  const made = explainer(view, said);
  const element = h(
    "article",
    { class: "card explainer-card", id: `explain-${view.id}` },
    h("h3", { text: view.title }),
    h("p", { class: "note", text: view.note }),
    made.element,
  );
  return { element, begin: (now) => made.begin(...first(view.id, now)) };
}
