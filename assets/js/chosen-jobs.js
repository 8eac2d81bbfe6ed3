// Work on the variants as they are chosen, done by a worker on request: asked for when the choices change, looked at while it goes.
// Knows no kind.

import { experiment } from "./describing.js";
import { later } from "./dom.js";
import { notice } from "./notices.js";
import { owner } from "./owner.js";
import { GOING, listen, page } from "./page.js";
import { ask, latest } from "./server.js";
import { pick, t } from "./words.js";

const POLL = 700; // ms between two looks at what the worker does
const SETTLED = 200; // ms without a change after which choices are asked about

/**
 * {said, pressed, stopping, going(), found(), press(given), stop(), listen(act)}: `said` is the server's last answer,
 * {made: {state, reason, found}, …}, null where the choices cannot be built; `pressed` and `stopping`, that so much was just
 * asked for. `look`, `start` and `end` name the questions.
 */
export function chosenJob(look, start, end) {
  const job = {
    said: null,
    pressed: false,
    stopping: false,
    going,
    found,
    press,
    stop,
    listen: (act) => listeners.push(act),
  };
  const listeners = [];
  let timer = 0;
  // The answer to an older question is dropped: the choices are others by now.
  const send = latest((name, given) => ask(name, { ...experiment(), ...given }), heard);
  const soon = later(again, SETTLED);
  listen("described", soon);
  soon(); // what is chosen may have been described before this file was loaded

  function going() {
    return job.pressed || GOING.has(job.said?.made?.state);
  }

  /** What the worker has found so far, or null. */
  function found() {
    return job.said?.made?.found ?? null;
  }

  async function press(given) {
    job.pressed = true;
    tell();
    await put(start, { owner: owner(), ...given }, true);
    job.pressed = false;
    tell();
    soon(); // other variants may have been chosen meanwhile
  }

  /** Ends it with the round that is going. */
  async function stop() {
    job.stopping = true;
    tell();
    await put(end, { owner: owner() }, true);
  }

  function again() {
    if (page.described && !job.pressed) put(look, {}, false);
  }

  async function put(...question) {
    clearTimeout(timer);
    await send(...question);
  }

  function heard(said, name, given, loud) {
    if (said && !said.refusal) take(said);
    else if (loud) missed(said?.refusal ? pick(said.refusal.text) : t("no_answer"));
    else if (said) take(null);
    if (!said) timer = setTimeout(again, 4 * POLL);
  }

  function take(said) {
    job.said = said;
    job.stopping = job.stopping && GOING.has(said?.made?.state);
    if (GOING.has(said?.made?.state)) timer = setTimeout(again, POLL);
    tell();
  }

  function missed(sentence) {
    job.stopping = false;
    notice(sentence, true);
    tell();
  }

  function tell() {
    for (const act of listeners) act();
  }

  return job;
}
