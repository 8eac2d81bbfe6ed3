// Whose turn it is to be drawn: one chart at a time, those in view first, all of them together within a share of the time.

import { training } from "./page.js";

const SHARE = 0.25; // of the time, at most, that all drawing may take while something trains: the rest is the trainer's and the visitor's
const LONGEST = 500; // ms between two turns, however slow the machine

const places = new WeakMap(); // element → its turn
const waiting = new Set();
let drawing = false;
let resting = 0; // the timer of the rest after it

const watch = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) places.get(target).inView = isIntersecting;
  next();
});

/** A way to ask for turns: `draw` is called for `element`, once for however many times it was asked meanwhile. */
export function turns(element, draw) {
  const turn = { element, draw, inView: null };
  places.set(element, turn);
  watch.observe(element);
  return () => (waiting.add(turn), next());
}

// What nobody sees comes after all that is in view; on a tab that is not open nothing can be drawn.
function chosen() {
  const there = [...waiting].filter(({ element }) => element.offsetParent);
  return there.find(({ inView }) => inView) ?? there.find(({ inView }) => inView === false);
}

// A rest is cut short by what has come into view, unless something trains.
async function next() {
  const turn = !drawing && chosen();
  if (!turn || (resting && (training() || !turn.inView))) return;
  clearTimeout(resting);
  drawing = true;
  waiting.delete(turn);
  const began = performance.now();
  try {
    await turn.draw();
  } finally {
    const rest = training() || !turn.inView ? (performance.now() - began) * (1 / SHARE - 1) : 0;
    drawing = false;
    resting = setTimeout(() => ((resting = 0), next()), Math.min(LONGEST, rest));
  }
}
