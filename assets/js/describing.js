// Every change is sent to the server, which answers what it means; the answer to an older question is dropped.

import { later } from "./dom.js";
import { NAMES as FLAGS, ofAddress } from "./flags.js";
import { notice } from "./notices.js";
import { listen, page, tell } from "./page.js";
import { ask } from "./server.js";
import { language, onLanguage, t } from "./words.js";

const NO_CHOICE = new Set(["tab", "run", "view", ...FLAGS]);

let asked = 0;
let plain = null; // the link of the experiment that is shown where the address names none

/** The choices as the server takes them. */
export const experiment = () => ({
  variants: page.variants,
  recipe: page.recipe,
  seeds: page.seeds,
  match: page.match,
  match_by: page.match_by,
  form: page.form,
  text: page.text?.id ?? null,
  hash: page.hash,
});

async function describe() {
  const mine = ++asked;
  mark("asked");
  let said;
  try {
    said = await ask("describe", { ...experiment(), language: language() });
  } catch {
    if (mine === asked) notice(t("no_answer"), true);
    return;
  }
  if (mine !== asked || said.variants.length !== page.variants.length) return;
  page.described = said;
  said.variants.forEach((variant, index) => {
    if (!variant.refusals.length) page.variants[index].changes = variant.changes;
  });
  keepAddress();
  tell("described");
  mark("now");
}

// Whether what the page shows is the answer to what is chosen; "asked" while it is not.
const mark = (state) => (document.querySelector("#playground").dataset.described = state);

/** The address holds the tab, the link of what is chosen, and the experiment that is followed. */
export function keepAddress() {
  const run = page.results?.live ? `run=${page.results.id}` : "";
  const link = page.tab !== "compare" && page.described?.link === plain ? "" : page.described?.link;
  const query = [ofTab(), link, run, ofAddress()].filter(Boolean).join("&");
  history.replaceState(null, "", `${query ? `?${query}` : location.pathname}${page.anchor}`);
}

/** What Copy link gives to somebody else: the experiment, or the tab and the place in it. */
export const linked = () => (page.tab === "compare" ? `?${page.described?.link ?? ""}` : `?${ofTab()}${page.anchor}`);

const ofTab = () => (page.tab === "compare" ? "" : `tab=${page.tab}`);

export function openDescribing() {
  const soon = later(describe, 15);
  listen("choices", () => {
    asked += 1; // an answer that comes before the next question is to an older one
    mark("asked");
    soon();
  });
  onLanguage(describe);
  const named = [...new URLSearchParams(location.search).keys()].some((key) => !NO_CHOICE.has(key));
  return describe().then(() => {
    plain = named ? null : page.described?.link;
    keepAddress();
  });
}
