// What is chosen on the page and what the server said about it. Knows no element; whoever shows something listens.

export const LETTERS = "ABCD";

export const page = {
  fields: {}, // the controls, as the configuration describes them
  systems: [],
  limits: {},
  variants: [], // {system, changes: {path: word}, read?}; `read` is what became of a config.json
  recipe: {}, // changes of the recipe, {path: word}
  seeds: "1",
  match: "none",
  match_by: "feed_forward",
  form: null, // {kind: "sweep", path, values} or {kind: "ladder"}: what is made of the variants
  text: null, // {id, name, characters, hash}: the visitor's own text, where there is one
  hash: null, // of the content that the experiment was made with
  described: null, // the server's last answer about these choices
  tab: "", // the tab that is open
  anchor: "", // the place in it that the address names: "#rmsnorm-mean"
  active: 0, // the variant whose tab is open on a phone
  folded: false, // cards folded to a line each
  prepared: [], // finished experiments that ship: {id, name, title, says}
  results: null, // the experiment shown below
  expected: null, // {id, says}: what there is to be seen in an experiment that was prepared
  inside: true, // whether what is trained next is looked into as it goes
  ghosts: [], // earlier experiments, as thin curves
  sweeps: [], // earlier sweeps, {form, chosen}, behind those of the same number
  shown: {
    x: "tokens",
    curves: "both",
    smooth: false,
    log: false,
    speed: "decode",
    speed_by: "context",
    speed_in: "fp32",
  },
};

/** The states of whatever is still to come: a run, an experiment, work that a worker does. */
export const GOING = new Set(["queued", "running"]);

/** Is the experiment shown one of this page that is queued or going? */
export const training = () => Boolean(page.results?.live) && GOING.has(page.results.state);

const listeners = {};

/**
 * `act` is called whenever `kind` is told: "choices", "described", "folded", "replay", "results", "shown", "tab", "target",
 * "training".
 */
export function listen(kind, act) {
  (listeners[kind] ??= []).push(act);
}

export function tell(kind) {
  for (const act of listeners[kind] ?? []) act();
}

/** The word that stands at `path` of variant `index`: as chosen, else as described. */
export function valueAt(index, path) {
  const variant = page.variants[index];
  return variant.changes[path] ?? page.described?.variants[index]?.values[path] ?? "";
}

export function choose(index, path, word) {
  const { changes } = page.variants[index];
  // Choosing an option sets its parameters back to what that option starts with.
  if (!path.includes("."))
    for (const other of Object.keys(changes)) if (other.startsWith(`${path}.`)) delete changes[other];
  changes[path] = word;
  tell("choices");
}

export function chooseEverywhere(path, word) {
  for (const variant of page.variants) variant.changes[path] = word;
  tell("choices");
}

export function chooseSystem(index, system) {
  const context = page.variants[index].changes["shape.context"];
  page.variants[index] = { system, changes: context ? { "shape.context": context } : {} };
  tell("choices");
}

/** Puts a whole experiment, as the server tells it, in the place of what is chosen. */
export function bring({ variants, recipe, seeds, match, match_by, hash, form = null }) {
  page.variants = variants.map(({ system, changes }) => ({ system, changes: { ...changes } }));
  Object.assign(page, { recipe: { ...recipe }, seeds, match, match_by, hash, form, active: 0 });
  if (page.described) page.described.differences = []; // there may be fewer variants now than it speaks of
  tell("choices");
}

export function chooseRecipe(path, word) {
  if (path === "recipe.data") page.hash = null;
  page.recipe[path] = word;
  tell("choices");
}

// What was said of the variants moves with them, until the server says it anew; how they differ is not known meanwhile.
function rearrange(move) {
  move(page.variants, (variant) => ({ ...variant, changes: { ...variant.changes } }));
  if (page.described) {
    move(page.described.variants, (said) => said);
    page.described.differences = [];
  }
  page.active = Math.min(page.active, page.variants.length - 1);
  tell("choices");
}

export function add(from = page.variants.length - 1) {
  if (page.variants.length >= LETTERS.length) return;
  rearrange((list, copy) => list.splice(from + 1, 0, copy(list[from])));
  page.active = from + 1;
  tell("described");
}

export function remove(index) {
  if (page.variants.length > 1) rearrange((list) => list.splice(index, 1));
}

/** Exchanges variant `index` with the next one, the last with the first. */
export function swap(index) {
  const other = (index + 1) % page.variants.length;
  rearrange((list) => ([list[index], list[other]] = [list[other], list[index]]));
}

export function fold(folded) {
  page.folded = folded;
  tell("folded");
}
