// A visitor's profile of skills: started, followed, stopped, found again after a reload. There is one at a time.

import { experiment } from "./describing.js";
import { notice } from "./notices.js";
import { owner } from "./owner.js";
import { ask, follow } from "./server.js";
import { pick, t } from "./words.js";

const KEY = "playground.skills";
const RETRY = 5000; // ms without news after which a going profile is asked for again

let heard = 0;

/** The ids of the experiments of the profile that this browser remembers. */
export function remembered() {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return Array.isArray(known) ? known : null;
  } catch {
    return null;
  }
}

/** Starts a profile of what is chosen, at so many difficulties; `tell(value)` gets what is known of it, again and again. */
export async function start(levels, tell) {
  const said = await ask("start_skills", { ...experiment(), levels, owner: owner() }).catch(() => null);
  if (!said) return void notice(t("no_answer"), true);
  if (said.refusal) return void notice(pick(said.refusal.text), true);
  localStorage.setItem(KEY, JSON.stringify(said.ids));
  listenTo(said.ids, tell);
}

/** Follows the remembered profile to its end. */
export function listenTo(ids, tell) {
  heard = performance.now();
  const hear = (value) => {
    heard = performance.now();
    if (value.refusal) notice(pick(value.refusal.text), true);
    else if (!value.unknown) tell(value);
  };
  follow("follow_skills", { ids }, hear);
}

/** The stream of a going profile never falls silent; when it does, the connection was lost and is made anew. */
export const watch = (going, tell) =>
  setInterval(() => going() && performance.now() - heard > RETRY && listenTo(remembered(), tell), RETRY);

export async function halt() {
  const answers = await Promise.all(remembered().map((id) => ask("stop", { id, owner: owner() }).catch(() => null)));
  const refused = answers.find((said) => said?.refusal);
  if (answers.includes(null)) notice(t("no_answer"), true);
  else if (refused) notice(pick(refused.refusal.text), true);
}
