// RoPE: every pair of a head's entries as a dial with the hands of a query and of an equal key, and the score by distance.

import { dot, frame, line, ticks, word } from "../explain/drawing.js";
import { frequencies, gain, ropeScore, turned } from "../explain/formulas.js";
import { figure, short } from "../numbers.js";
import { t } from "../words.js";

export const id = "rope";
export const order = 0;
export const title = () => t("explain_rope");
export const note = () => t("explain_rope_note");

const MOST = 8; // dials
const SCALINGS = ["none", "linear", "ntk", "llama3", "yarn"];

export const begin = (values) => ({ ...values, distance: Math.min(8, values.context), farthest: 4 * values.context });

export const controls = ({ farthest, scaling }) => [
  { key: "distance", title: () => t("explain_distance"), from: 0, to: farthest },
  { key: "theta", title: () => t("explain_theta"), from: 10, to: 1e6, log: true, write: short },
  {
    key: "fraction",
    title: () => t("explain_fraction"),
    from: 0.125,
    to: 1,
    step: 0.125,
    write: (share) => `${+(100 * share).toFixed(1)} %`,
  },
  { key: "scaling", title: () => t("explain_scaling"), words: SCALINGS.map((word) => [word, () => t(`word_${word}`)]) },
  ...(scaling === "none" ? [] : [{ key: "factor", title: () => t("explain_factor"), from: 1, to: 64, log: true }]),
];

export function draw(state, width) {
  const how = { ...state, turned: turned(state) };
  const pairs = frequencies(how);
  const dials = drawDials(pairs, how, width);
  const y = { from: -1, to: Math.max(1, gain(how) ** 2), ticks: [-1, -0.5, 0, 0.5, 1], title: t("explain_score") };
  const plot = frame(
    width,
    190,
    {
      from: 0,
      to: how.farthest,
      ticks: ticks(0, how.farthest, width < 400 ? 4 : 6),
      title: t("explain_distance_axis"),
    },
    y,
  );
  const score = ropeScore(how, how.distance);
  const points = Array.from(
    { length: how.farthest + 1 },
    (_, d) => `${plot.sx(d).toFixed(1)} ${plot.sy(ropeScore(how, d)).toFixed(1)}`,
  );
  const trained =
    how.context < how.farthest ? line(plot.sx(how.context), plot.top, plot.sx(how.context), plot.bottom, "x-edge") : "";
  const cursor =
    line(plot.sx(how.distance), plot.top, plot.sx(how.distance), plot.bottom, "x-cursor") +
    dot(plot.sx(how.distance), plot.sy(score), 4.5, "x-dot");
  const curve = `<path d="M${points.join("L")}" class="x-line"/>`;
  return {
    height: dials.height + 190,
    svg: `${dials.svg}<g transform="translate(0 ${dials.height})">${plot.axes}${trained}${curve}${cursor}</g>`,
    says: t("explain_rope_says", {
      distance: how.distance,
      score: figure(score),
      turned: how.turned,
      head: how.head,
      fast: figure(turns(pairs[0], how.distance)),
      slow: figure(turns(pairs.at(-1), how.distance)),
    }),
    drag: (x, y) =>
      y < dials.height ? null : { distance: Math.round(Math.min(how.farthest, Math.max(0, plot.inverse(x)))) },
  };
}

const turns = (frequency, distance) => (frequency * distance) / (2 * Math.PI);

// A few pairs from the fastest to the slowest: the key's hand points up, the query's is turned on by the distance.
function drawDials(pairs, { distance }, width) {
  const count = Math.min(pairs.length, MOST, Math.floor(width / 44));
  const chosen = [
    ...new Set(
      Array.from({ length: count }, (_, i) => (count < 2 ? 0 : Math.round((i * (pairs.length - 1)) / (count - 1)))),
    ),
  ];
  const each = width / chosen.length;
  const radius = Math.min(26, each / 2 - 5);
  const drawn = chosen.map((pair, place) => {
    const [x, y, angle] = [(place + 0.5) * each, radius + 6, distance * pairs[pair]];
    const hand = line(x, y, x + radius * Math.sin(angle), y - radius * Math.cos(angle), "x-hand");
    return (
      dot(x, y, radius, "x-dial") +
      line(x, y, x, y - radius, "x-still") +
      hand +
      word(x, 2 * radius + 22, t("explain_pair", { pair }))
    );
  });
  return { height: 2 * radius + 34, svg: drawn.join("") };
}
