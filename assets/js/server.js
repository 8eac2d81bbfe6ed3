// Asking the server: a promise of one answer, or a stream of values. Names are those of playground/ui/answers/.

let functions = {};
const free = []; // components through which a stream may run
const taken = new Map(); // stream's name → its component, which it keeps
const waiting = [];
let calls = 0;

export function openServer(server) {
  functions = server;
}

/** Asks `name`; the answer is what Python returned. Throws when there was none: the connection or the server failed. */
export async function ask(name, given = {}) {
  const answer = await functions.ask({ name, given });
  if (answer == null) throw new Error(`no answer to ${name}`);
  return answer;
}

/** Asks, and hands the answer (null: there was none) to `take` with what was given, unless asked again meanwhile. */
export function latest(asking, take) {
  let asked = 0;
  return async (...given) => {
    const mine = ++asked;
    const said = await asking(...given).catch(() => null);
    if (mine === asked) take(said, ...given);
  };
}

/** Called with every component that can carry a stream, once it is on the page. */
export function addStream(host) {
  host.watch("value", () => hear(host, host.props.value));
  free.push(host);
  for (const start of waiting.splice(0)) start();
}

function hear(host, value) {
  if (value && value.call === host.call) host.tell(value);
}

/**
 * Starts stream `name`; `tell` gets every value of it until the next start of the same `name`. Streams of different names
 * run at the same time; `as` tells two of one name apart.
 */
export function follow(name, given, tell, as = name) {
  if (!taken.has(as) && !free.length) return void waiting.push(() => follow(name, given, tell, as));
  if (!taken.has(as)) taken.set(as, free.shift());
  const host = taken.get(as);
  host.call = `${Date.now().toString(36)}-${++calls}`;
  host.tell = tell;
  host.trigger(host.name, { name, given, call: host.call });
}
