// Which variants of the shown experiment have left a model, and how far their exports are. Asked again when a run ends and
// while an export is going; whoever shows something of it listens.

import { owner } from "./owner.js";
import { GOING, listen, page } from "./page.js";
import { ask, latest } from "./server.js";

const POLL = 400; // ms between two looks at a going export
const NOTHING = { variants: [], example: "", setting: null };

export const trained = { id: null, ...NOTHING };

const listeners = [];
const look = latest(async (id) => (id ? ask("trained", { id, owner: owner() }) : NOTHING), take);
let asked = "";
let timer = 0;

/** `act` is called whenever `trained` has changed, and at once where there is something already. */
export function onTrained(act) {
  listeners.push(act);
  if (trained.id) act();
}

/** The variants that have a model to look at. */
export const ready = () => trained.variants.filter((each) => each.ready);

/** Is this variant's export queued or being made? */
export const exporting = (each) => GOING.has(each.export?.state);

/** Queues the export of one variant; the answer is its refusal in both languages, or null. */
export async function exportVariant(variant) {
  const said = await ask("export", { id: trained.id, variant, owner: owner() });
  if (!said.refusal) await refresh();
  return said.refusal?.text ?? null;
}

listen("results", renew);
// An experiment that has ended is told of once, maybe before this file was loaded.
renew();

function renew() {
  const { results } = page;
  const begun = (run) => run.curve.step.length > 0;
  const now = results ? JSON.stringify([results.id, results.runs.map((run) => [run.state, begun(run)])]) : "";
  if (now === asked) return;
  asked = now;
  refresh();
}

/** Asks again, since something was written beside what is known. */
export async function refresh() {
  clearTimeout(timer);
  await look(page.results?.id ?? null);
}

function take(said, id) {
  if (!said) return void (timer = setTimeout(refresh, 4 * POLL));
  const now = { id, ...(said.refusal ? NOTHING : said) };
  const changed = JSON.stringify(now) !== JSON.stringify(trained);
  Object.assign(trained, now);
  if (changed) for (const act of listeners) act();
  if (trained.variants.some(exporting)) timer = setTimeout(refresh, POLL);
}
