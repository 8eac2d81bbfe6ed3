// What the chosen variants cost, predicted and measured: asked for when the choices change, measured on request.

import { experiment } from "./describing.js";
import { later } from "./dom.js";
import { notice } from "./notices.js";
import { owner } from "./owner.js";
import { listen, page } from "./page.js";
import { ask } from "./server.js";
import { pick, t } from "./words.js";

const GOING = new Set(["queued", "running"]);
const POLL = 700; // ms between two looks at what the worker does
const SETTLED = 200; // ms without a change after which choices are asked about

/** The server's last answer, null where the choices cannot be built, and whether a button was just pressed. */
export const costs = { said: null, pressed: false };

const listeners = [];
let calls = 0;
let timer = 0;

export const onCosts = (act) => listeners.push(act);

export const measuring = () => costs.pressed || GOING.has(costs.said?.made?.state);

/** What a worker has measured of these variants, or null. */
export const found = () => costs.said?.made?.found ?? null;

export async function measure(again) {
  costs.pressed = true;
  tell();
  await send("measure_costs", { owner: owner(), again }, true);
  costs.pressed = false;
  tell();
  soon(); // other variants may have been chosen meanwhile
}

const soon = later(look, SETTLED);
listen("described", soon);
soon(); // what is chosen may have been described before this file was loaded

function look() {
  if (page.described && !costs.pressed) send("costs", {}, false);
}

// The answer to an older question is dropped: the choices are others by now.
async function send(name, given, loud) {
  clearTimeout(timer);
  const mine = ++calls;
  const said = await ask(name, { ...experiment(), ...given }).catch(() => null);
  if (mine !== calls) return;
  if (!said) {
    if (loud) notice(t("no_answer"), true);
    timer = setTimeout(look, 4 * POLL);
    return;
  }
  if (said.refusal && loud) return void notice(pick(said.refusal.text), true);
  costs.said = said.refusal ? null : said;
  if (GOING.has(said.made?.state)) timer = setTimeout(look, POLL);
  tell();
}

function tell() {
  for (const act of listeners) act();
}
