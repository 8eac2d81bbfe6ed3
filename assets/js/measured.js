// How fast the variants that are chosen read and write: asked for when the choices change, measured on request.

import { experiment } from "./describing.js";
import { later } from "./dom.js";
import { notice } from "./notices.js";
import { owner } from "./owner.js";
import { listen, page } from "./page.js";
import { ask } from "./server.js";
import { pick, t } from "./words.js";

export const GOING = new Set(["queued", "running"]);
const POLL = 700; // ms between two looks at what the worker has measured
const SETTLED = 200; // ms without a change after which choices are asked about

/** What is known of the variants chosen: {titles, made: {state, reason, found}}; `pressed`, `stopping`: that was asked for. */
export const measured = { titles: [], made: null, pressed: false, stopping: false };

const listeners = [];
let calls = 0;
let timer = 0;

export const onMeasured = (act) => listeners.push(act);

export const measuring = () => measured.pressed || GOING.has(measured.made?.state);

/** The rows that the worker has found so far. */
export const rows = () => measured.made?.found?.rows ?? [];

export async function measure(compile, again) {
  measured.pressed = true;
  tell();
  await send("measure_throughput", { compile, again, owner: owner() }, () => notice(t("no_answer"), true));
  measured.pressed = false;
  tell();
  soon(); // other variants may have been chosen meanwhile
}

/** Ends it with the export or the round that is going. */
export function halt() {
  measured.stopping = true;
  tell();
  send("stop_measuring", { owner: owner() }, () => {
    measured.stopping = false;
    notice(t("no_answer"), true);
    soon();
  });
}

const soon = later(look, SETTLED);
listen("described", soon);
soon(); // what is chosen may have been described before this file was loaded

function look() {
  if (page.described && !measured.pressed) send("throughput", {}, () => (timer = setTimeout(look, 4 * POLL)));
}

// The answer to an older question is dropped: the choices are others by now.
async function send(name, given, lost) {
  clearTimeout(timer);
  const mine = ++calls;
  let said;
  try {
    said = await ask(name, { ...experiment(), ...given });
  } catch {
    if (mine === calls) lost();
    return;
  }
  if (mine !== calls) return;
  if (said.refusal) return void notice(pick(said.refusal.text), true);
  const going = GOING.has(said.made?.state);
  Object.assign(measured, { titles: said.titles, made: said.made, stopping: measured.stopping && going });
  if (going) timer = setTimeout(look, POLL);
  tell();
}

function tell() {
  for (const act of listeners) act();
}
