// The systems tab: the table of all systems, what sets two of them apart, and what was chosen over the years.

import { configurationButton } from "../configuration.js";
import { fill, h } from "../dom.js";
import { listen, page } from "../page.js";
import { ask } from "../server.js";
import { openSheet } from "../sheet.js";
import { systemsTable } from "../systems-table.js";
import { loading } from "../tabs.js";
import { versus } from "../versus.js";
import { t } from "../words.js";
import { years } from "../years.js";

export const order = 1;
export const title = () => t("systems");

export async function mount(host) {
  fill(host, loading());
  const said = await ask("systems").catch(() => null);
  if (!said || said.refusal) return fill(host, h("p", { class: "loading", role: "alert", text: () => t("no_answer") }));
  const { systems, columns } = said;
  const sheet = openSheet(systems, columns);
  const intro = h(
    "div",
    { class: "intro" },
    h("h2", { text: () => t("systems_title", { count: systems.length }) }),
    h("p", { class: "note", text: () => t("systems_note") }),
  );
  const head = h("div", { class: "intro-row" }, intro, configurationButton());
  fill(
    host,
    h(
      "div",
      { class: "columns systems" },
      head,
      systemsTable(systems, columns, sheet.show),
      versus(systems),
      years(systems, columns),
    ),
  );
  const follow = () => page.tab === "systems" && sheet.show(page.anchor.slice(1));
  listen("tab", follow);
  follow();
}
