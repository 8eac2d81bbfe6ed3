// A visitor's own run of a lesson: started, followed, stopped, found again after a reload. One goes at a time.

import { notice } from "./notices.js";
import { owner } from "./owner.js";
import { ask, follow } from "./server.js";
import { pick, t } from "./words.js";

const KEY = "playground.lessons";
const RETRY = 4000; // ms without news after which a going run is asked for again
const GOING = new Set(["running", "measuring"]);

let all = [];
let changed = () => undefined;
let heard = 0;

/** The ids of the experiments of every lesson that this browser has run: {lesson: ids}. */
export function remembered() {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return known && typeof known === "object" && !Array.isArray(known) ? known : {};
  } catch {
    return {};
  }
}

/** Follows whichever of `opened` is going; `act` is called when a verdict may have changed. */
export function follows(opened, act) {
  all = opened;
  changed = act;
  for (const { state } of opened) if (running(state)) listenTo(state);
  setInterval(watch, RETRY);
}

export const running = ({ mine }) => GOING.has(mine?.state);

/** Puts the lesson to the test; what the visitor had going makes room for it. */
export async function start(state) {
  if (state.starting) return;
  state.starting = true;
  tell(state);
  try {
    const said = await ask("start_lesson", { lesson: state.lesson.id, owner: owner() });
    if (said.refusal) return notice(pick(said.refusal.text), true);
    for (const other of all) if (running(other.state)) other.state.mine = { ...other.state.mine, state: "stopped" };
    state.mine = {
      ids: said.ids,
      state: "running",
      progress: 0,
      ended: 0,
      runs: state.lesson.seeds * Object.keys(state.lesson.arms).length,
      losses: {},
    };
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), [state.lesson.id]: said.ids }));
    listenTo(state);
    for (const other of all) other.update();
  } catch {
    notice(t("no_answer"), true);
  } finally {
    state.starting = false;
    tell(state);
  }
}

/** Stops its runs; those that have ended are kept. */
export async function halt(state) {
  const answers = await Promise.all(state.mine.ids.map((id) => ask("stop", { id, owner: owner() }).catch(() => null)));
  if (answers.includes(null)) return notice(t("no_answer"), true);
  const refused = answers.find((said) => said.refusal);
  if (refused) notice(pick(refused.refusal.text), true);
}

function listenTo(state) {
  heard = performance.now();
  const { ids } = state.mine;
  follow("follow_lesson", { lesson: state.lesson.id, ids }, (value) => {
    if (state.mine?.ids !== ids) return;
    heard = performance.now();
    if (value.refusal) return notice(pick(value.refusal.text), true);
    state.mine = value.unknown ? null : { ...value, ids, losses: value.losses ?? state.mine.losses };
    tell(state);
  });
}

// The stream of a going run never falls silent; when it does, the connection was lost and is made anew.
function watch() {
  const going = all.find(({ state }) => running(state));
  if (going && performance.now() - heard > RETRY) listenTo(going.state);
}

function tell(state) {
  all.find((each) => each.state === state)?.update();
  changed();
}
