// Work on every trained variant, done by the workers on request: begun by a button, looked at while it goes. Knows no kind.

import { notice } from "./notices.js";
import { owner } from "./owner.js";
import { GOING } from "./page.js";
import { onTrained, ready, trained } from "./trained.js";
import { ask } from "./server.js";
import { pick, t } from "./words.js";

const POLL = 500; // ms between two looks at what the workers do

export const isGoing = ({ made }) => GOING.has(made?.state);

/**
 * {state, press()}: `state` = {id, variants: [{variant, made}], pressed}. `look` and `start` name the questions, and
 * `changed(state, before)` is called after every change, `before` being the variants as they were.
 */
export function trainedJobs(look, start, changed) {
  const state = { id: null, variants: [], pressed: false };
  let timer = 0;

  function take(id, said) {
    clearTimeout(timer);
    if (id !== trained.id) return;
    const before = state.variants;
    Object.assign(state, { id, variants: said.variants ?? [] });
    if (state.variants.some(isGoing)) timer = setTimeout(renew, POLL);
    changed(state, before);
  }

  async function renew() {
    clearTimeout(timer);
    const { id } = trained;
    if (!id || !ready().length) return take(id, {});
    try {
      take(id, await ask(look, { id }));
    } catch {
      timer = setTimeout(renew, 4 * POLL);
    }
  }

  async function press() {
    state.pressed = true;
    changed(state, state.variants);
    const { id } = trained;
    try {
      const said = await ask(start, { id, owner: owner() });
      if (said.refusal) notice(pick(said.refusal.text), true);
      else take(id, said);
    } catch {
      notice(t("no_answer"), true);
    }
    state.pressed = false;
    changed(state, state.variants);
  }

  // After this call has given its caller `state`.
  queueMicrotask(() => onTrained(renew));
  return { state, press };
}
