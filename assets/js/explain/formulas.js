// The formulas behind the explainers' pictures: plain functions of numbers, so that dragging needs no server. Knows no picture.
// A browser test holds every one of them against the function of the model that it repeats.

const within = (low, value, high) => Math.min(Math.max(value, low), high);
const blend = (frequency, slowed, factor) => frequency * (slowed / factor + 1 - slowed);

const plain = ({ turned, theta }) => Array.from({ length: turned / 2 }, (_, i) => theta ** ((-2 * i) / turned));

const SCALINGS = {
  none: (how) => plain(how),
  linear: (how) => plain(how).map((frequency) => frequency / how.factor),
  ntk: (how) => plain(how).map((frequency, i) => frequency * how.factor ** ((-2 * i) / Math.max(how.turned - 2, 1))),
  llama3: (how) =>
    plain(how).map((frequency) => {
      const turns = (how.original * frequency) / (2 * Math.PI);
      const between = how.high - how.low || Number.EPSILON * how.high;
      return blend(frequency, 1 - within(0, (turns - how.low) / between, 1), how.factor);
    }),
  yarn: (how) => {
    const pair = (turns) => (how.turned * Math.log(how.original / (2 * Math.PI * turns))) / (2 * Math.log(how.theta));
    const ends = [pair(how.fast), pair(how.slow)];
    const [first, last] = how.truncate ? [Math.floor(ends[0]), Math.ceil(ends[1])] : ends;
    const [from, to] = [Math.max(first, 0), Math.min(last, how.turned - 1)];
    return plain(how).map((frequency, i) =>
      blend(frequency, within(0, (i - from) / (to - from || 0.001), 1), how.factor),
    );
  },
};

/** The entries of a head that RoPE turns: an even number of them. */
export const turned = ({ head, fraction }) => 2 * Math.floor(Math.floor(fraction * head) / 2);

/** Radians that every pair turns from one position to the next. */
export const frequencies = (how) => SCALINGS[how.scaling](how);

/** What rotated entries are multiplied by: YaRN alone does that. */
export const gain = ({ scaling, factor, attention_factor }) =>
  scaling === "yarn" ? (attention_factor ?? 0.1 * Math.log(factor) + 1) : 1;

/** The score of a query and an equal key `distance` apart, all entries 1, over that of the same without RoPE. */
export function ropeScore(how, distance) {
  const pairs = frequencies(how);
  const sum = pairs.reduce((total, frequency) => total + 2 * Math.cos(distance * frequency), 0);
  return (gain(how) ** 2 * sum + how.head - how.turned) / how.head;
}

/** ALiBi's slope of every head. */
export function slopes(heads, range) {
  const lower = 2 ** Math.floor(Math.log2(heads));
  const first = Array.from({ length: lower }, (_, h) => 2 ** ((-range * (h + 1)) / lower));
  const between = Array.from({ length: lower }, (_, h) => 2 ** ((-range * (2 * h + 1)) / (2 * lower)));
  return [...first, ...between].slice(0, heads);
}

/** T5's bucket of a distance. */
export function bucket(distance, { buckets, distance: farthest }) {
  const exact = Math.floor(buckets / 2);
  if (distance < exact) return distance;
  const wide = (buckets - exact) / Math.log(farthest / exact);
  return Math.min(exact + Math.floor(wide * Math.log(Math.min(distance, farthest) / exact) + 1e-9), buckets - 1);
}

/** Radians a position of sinusoidal pair `i` of a model `width` wide. */
export const wave = (i, width) => 10000 ** ((-2 * i) / width);

/** cap · tanh(x / cap). */
export const softCap = (x, cap) => cap * Math.tanh(x / cap);

/** The share of a gradient that a soft cap lets through. */
export const softCapSlope = (x, cap) => 1 - Math.tanh(x / cap) ** 2;

const mean = (x) => x.reduce((sum, value) => sum + value, 0) / x.length;

/** A vector normalized, without gain: the mean taken out and the variance, or the mean square alone. */
export const NORMS = {
  layernorm: (x, eps) => {
    const middle = mean(x);
    const centred = x.map((value) => value - middle);
    const scale = Math.sqrt(mean(centred.map((value) => value * value)) + eps);
    return centred.map((value) => value / scale);
  },
  rmsnorm: (x, eps) => {
    const scale = Math.sqrt(mean(x.map((value) => value * value)) + eps);
    return x.map((value) => value / scale);
  },
};

export const meanOf = mean;

/** Does the query at i see the key at j, one that is not later? */
const SEES = {
  full: () => true,
  window: (i, j, { window }) => i - j < window,
  strided: (i, j, { stride }) => (i - j) % stride === 0,
  dilated: (i, j, { window, stride }) => (i - j) % stride === 0 && (i - j) / stride < window,
  chunked: (i, j, { chunk }) => Math.floor(i / chunk) === Math.floor(j / chunk),
  global_tokens: (i, j, { globals }) => j < globals,
};

/** The same in a layer: of several kinds any may see, and a layer that is not local sees all. */
export function sees(i, j, { kinds, local, ...lengths }, layer) {
  if (j > i) return false;
  return !kinds.length || !local[layer % local.length] || kinds.some((kind) => SEES[kind](i, j, lengths));
}

const REACH = {
  window: ({ window }) => window,
  dilated: ({ window, stride }) => (window - 1) * stride + 1,
  chunked: ({ chunk }) => chunk,
};

/** Entries that the cache of a layer holds after `length` tokens: the last ones. */
export function kept(layer, length, { kinds, local, ...lengths }) {
  const bounded = kinds.length && local[layer % local.length] && kinds.every((kind) => REACH[kind]);
  return bounded ? Math.min(length, Math.max(...kinds.map((kind) => REACH[kind](lengths)))) : length;
}

/**
 * What the query at `query` of the last layer hears of, from the tokens up: rows[l] holds for every token whether its state
 * below layer l + 1 counts; rows[0] are the tokens themselves, the last row is the query alone.
 */
export function receptive(query, span, layers) {
  const rows = [Array.from({ length: query + 1 }, (_, j) => j === query)];
  for (let layer = layers - 1; layer >= 0; layer--) {
    const above = rows[0].flatMap((there, i) => (there ? [i] : []));
    rows.unshift(rows[0].map((_, j) => above.some((i) => sees(i, j, span, layer))));
  }
  return rows;
}
