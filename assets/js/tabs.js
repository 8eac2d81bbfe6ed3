// The tabs. A tab is a file in tabs/, shown because it is there: it exports order, title() and mount(host, given), which is called
// when it is first needed. The address keeps which one is open; switching touches nothing of the others, their scrolling included.

import { keepAddress } from "./describing.js";
import { h } from "./dom.js";
import { page, tell } from "./page.js";
import { t } from "./words.js";

const FIRST = "compare";
const KEYS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

let tabs = [];
let given = {};

/** Makes a tab of every script, its button in `nav` and its panel in `host`, and opens the one of the address. */
export async function openTabs(nav, host, addresses, rest) {
  given = rest;
  const loaded = await Promise.all(addresses.map(load));
  tabs = loaded
    .sort((one, other) => one.script.order - other.script.order)
    .map(({ id, script }) => make(id, script, host));
  nav.append(...tabs.map(({ button }) => button));
  nav.addEventListener("keydown", move);
  addEventListener("popstate", () => arrive(true));
  mount(tabs.find(({ id }) => id === FIRST)); // what is trained goes on, whatever is looked at
  arrive(false);
}

/** Mounts the tabs that nobody has looked at yet, so that they are there at once when somebody does. */
export function mountOthers() {
  for (const tab of tabs) mount(tab);
}

/** Opens tab `id`, at the top or where it was left; `anchor` ("#name") is a place in it. */
export function showTab(id, { anchor = "", top = false } = {}) {
  const same = id === page.tab && anchor === page.anchor;
  open(id, anchor);
  if (!same) history.pushState(null, "", location.href);
  keepAddress();
  if (top) scrollTo({ top: 0, behavior: "instant" });
}

async function load(address) {
  const id = address.split("/").pop().replace(".js", "");
  return { id, script: await import(new URL(address, document.baseURI)) };
}

function make(id, script, host) {
  const button = h("button", {
    role: "tab",
    id: `tab-${id}`,
    "aria-controls": `panel-${id}`,
    text: script.title,
    onclick: () => showTab(id),
  });
  const panel = h("section", {
    role: "tabpanel",
    id: `panel-${id}`,
    "aria-labelledby": `tab-${id}`,
    "data-tab": id,
    hidden: true,
  });
  host.append(panel);
  return { id, script, button, panel, mounted: false, scrolled: 0 };
}

function mount(tab) {
  if (tab.mounted) return;
  tab.mounted = true;
  tab.script.mount(tab.panel, given);
}

// The tab that the address names: on opening the page, and when the visitor goes back.
function arrive(again) {
  const named = new URLSearchParams(location.search).get("tab");
  open(tabs.some(({ id }) => id === named) ? named : FIRST, location.hash);
  if (again) keepAddress();
}

function open(id, anchor) {
  const [before, now] = [tabs.find((tab) => tab.id === page.tab), tabs.find((tab) => tab.id === id)];
  if (before && before !== now) before.scrolled = scrollY;
  Object.assign(page, { tab: id, anchor });
  for (const tab of tabs) {
    tab.button.setAttribute("aria-selected", tab === now);
    tab.button.tabIndex = tab === now ? 0 : -1;
    tab.panel.hidden = tab !== now;
  }
  mount(now);
  now.button.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (before !== now) scrollTo({ top: now.scrolled, behavior: "instant" });
  tell("tab");
}

function move(event) {
  if (!(event.key in KEYS)) return;
  event.preventDefault();
  const place = tabs.findIndex(({ id }) => id === page.tab);
  const step = KEYS[event.key];
  const next = Number.isFinite(step) ? (place + step + tabs.length) % tabs.length : step < 0 ? 0 : tabs.length - 1;
  showTab(tabs[next].id);
  tabs[next].button.focus();
}

/** What a tab shows until its answer is there. */
export const loading = () => h("p", { class: "loading", role: "status", text: () => t("loading") });
