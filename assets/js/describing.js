// Every change is sent to the server, which answers what it means; the answer to an older question is dropped.

import { later } from "./dom.js";
import { notice } from "./notices.js";
import { listen, page, tell } from "./page.js";
import { ask } from "./server.js";
import { language, onLanguage, t } from "./words.js";

let asked = 0;

/** The choices as the server takes them. */
export const experiment = () => ({
  variants: page.variants,
  recipe: page.recipe,
  seeds: page.seeds,
  match: page.match,
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

/** The address always holds the link of what is chosen, and the experiment that is followed. */
export function keepAddress() {
  const run = page.results?.live ? `run=${page.results.id}` : "";
  const query = [page.described?.link, run].filter(Boolean).join("&");
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
}

export function openDescribing() {
  const soon = later(describe, 15);
  listen("choices", () => (mark("asked"), soon()));
  onLanguage(describe);
  return describe();
}
