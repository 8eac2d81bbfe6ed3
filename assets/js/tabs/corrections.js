// The corrections tab: what is often said of architectures and does not hold, each with an address to quote.

import { fill, h } from "../dom.js";
import { bring, listen, page } from "../page.js";
import { notice } from "../notices.js";
import { toCompare } from "../putting.js";
import { ask } from "../server.js";
import { loading, showTab } from "../tabs.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 2;
export const title = () => t("corrections");

export async function mount(host) {
  fill(host, loading());
  const said = await ask("corrections").catch(() => null);
  if (!said || said.refusal) return fill(host, h("p", { class: "loading", role: "alert", text: () => t("no_answer") }));
  const count = said.sections.reduce((sum, { entries }) => sum + entries.length, 0);
  const intro = h(
    "div",
    { class: "intro" },
    h("h2", { text: () => t("corrections_title", { count }) }),
    h("p", { class: "note", text: () => t("corrections_note") }),
  );
  const search = h("input", {
    type: "search",
    "aria-label": () => t("corrections_search"),
    placeholder: () => t("corrections_search"),
    autocomplete: "off",
    oninput: () => filter(),
  });
  const none = h("p", { class: "nothing", text: () => t("systems_none"), hidden: true });
  const sections = said.sections.map(section);
  fill(
    host,
    h(
      "div",
      { class: "columns corrections" },
      intro,
      search,
      sections.map(({ element }) => element),
      none,
    ),
  );

  function filter() {
    for (const each of sections) each.filter(search.value.toLowerCase().split(/\s+/));
    none.hidden = sections.some(({ element }) => !element.hidden);
  }

  function follow() {
    if (page.tab !== "corrections") return;
    host.querySelector(".entry.here")?.classList.remove("here");
    const entry = page.anchor && document.getElementById(page.anchor.slice(1));
    if (!entry || !host.contains(entry)) return;
    entry.classList.add("here");
    entry.scrollIntoView({ block: "start", behavior: "instant" });
  }

  listen("tab", follow);
  onLanguage(filter);
  follow();
}

function section({ axis, title, entries }) {
  const made = entries.map((each) => ({ each, element: entry(each) }));
  const element = h(
    "section",
    { class: "section", "data-axis": axis },
    h("h3", { text: () => pick(title) }),
    made.map((one) => one.element),
  );
  const filter = (words) => {
    for (const one of made) one.element.hidden = !words.every((word) => text(one.each, title).includes(word));
    element.hidden = made.every((one) => one.element.hidden);
  };
  return { element, filter };
}

const text = (each, title) =>
  [
    title.en,
    title.zh,
    each.claim.en,
    each.claim.zh,
    each.holds.en,
    each.holds.zh,
    ...each.sources.flatMap((source) => source.en ?? source),
  ]
    .join(" ")
    .toLowerCase();

function entry(each) {
  const link = h("a", {
    class: "anchor",
    href: `?tab=corrections#${each.id}`,
    "aria-label": () => t("corrections_link"),
    text: "#",
    onclick: (event) => quote(event, each.id),
  });
  const claim = h(
    "p",
    { class: "claim" },
    h("span", { class: "lead", text: () => t("corrections_said") }),
    h("span", { text: () => pick(each.claim) }),
    link,
  );
  const holds = h(
    "p",
    {},
    h("span", { class: "lead", text: () => t("corrections_holds") }),
    h("span", { text: () => pick(each.holds) }),
  );
  const sources = h("p", {
    class: "note",
    text: () => `${t("corrections_sources")}${t("colon")}${each.sources.map(pick).join(t("list_join"))}`,
  });
  const attempt =
    each.query &&
    h("a", {
      class: "button try",
      href: `?${each.query}`,
      text: () => t("corrections_try"),
      onclick: (event) => bringUp(event, each),
    });
  return h(
    "article",
    { class: "card entry", id: each.id },
    claim,
    holds,
    h("div", { class: "foot" }, sources, attempt),
  );
}

const plainClick = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;

// A click marks the entry and puts it into the address and, where the browser lets it, into the clipboard.
function quote(event, id) {
  if (!plainClick(event)) return;
  event.preventDefault();
  showTab("corrections", { anchor: `#${id}` });
  const address = new URL(`?tab=corrections#${id}`, location.origin + location.pathname).href;
  navigator.clipboard?.writeText(address).then(
    () => notice(t("corrections_copied")),
    () => undefined,
  );
}

function bringUp(event, { experiment }) {
  if (!plainClick(event)) return;
  event.preventDefault();
  bring(experiment);
  toCompare();
}
