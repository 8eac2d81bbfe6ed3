// T5: which distances share a bucket, as steps, and the bucket of one distance.

import { box, dot, frame, line } from "../explain/drawing.js";
import { bucket } from "../explain/formulas.js";
import { t } from "../words.js";

export const id = "t5";
export const order = 2;
export const title = () => t("explain_t5");
export const note = () => t("explain_t5_note");

export const begin = (values) => ({ ...values, farthest: values.distance, at: Math.min(40, values.distance) });

export const controls = (state) => [
  { key: "at", title: () => t("explain_distance"), from: 0, to: shown(state) },
  { key: "buckets", title: () => t("explain_buckets"), from: 4, to: 64, step: 2 },
  { key: "farthest", title: () => t("explain_farthest"), from: 8, to: 512 },
];

const shown = ({ farthest }) => Math.round(1.25 * farthest);

// The farthest distance lies beyond those that have a bucket of their own; else the model refuses the two together.
export function settle(state, key) {
  const half = state.buckets / 2;
  const fitting =
    key === "farthest"
      ? { buckets: Math.min(state.buckets, 2 * Math.ceil(state.farthest / 2 - 1)) }
      : { farthest: Math.max(state.farthest, half + 1) };
  const settled = { ...state, ...fitting };
  return { ...settled, at: Math.min(state.at, shown(settled)) };
}

export function draw(state, width) {
  const how = { buckets: state.buckets, distance: state.farthest };
  const [end, mine] = [shown(state), bucket(state.at, how)];
  const x = {
    from: 0.7,
    to: end,
    log: true,
    ticks: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].filter((tick) => tick <= end),
    title: t("explain_distance_log"),
  };
  const plot = frame(width, 240, x, {
    from: 0,
    to: how.buckets,
    ticks: [0, how.buckets / 2, how.buckets],
    title: t("explain_bucket"),
  });
  const all = Array.from({ length: end + 1 }, (_, distance) => bucket(distance, how));
  const sharing = all.flatMap((each, distance) => (each === mine ? [distance] : []));
  const [near, far] = [sharing[0], sharing.at(-1)];
  const place = (distance) => plot.sx(Math.max(distance, x.from));
  const band = box(place(near - 0.5), plot.top, place(far + 0.5) - place(near - 0.5), plot.bottom - plot.top, "x-band");
  const steps = all.map((each, distance) =>
    line(place(distance - 0.5), plot.sy(each), place(distance + 0.5), plot.sy(each), "x-line"),
  );
  const beyond = mine === how.buckets - 1;
  const words = { distance: state.at, bucket: mine, near, far, exact: Math.floor(how.buckets / 2) };
  const kind = beyond ? "beyond" : near === far ? "alone" : "shared";
  return {
    height: 240,
    svg:
      plot.axes +
      band +
      steps.join("") +
      line(place(state.at), plot.top, place(state.at), plot.bottom, "x-cursor") +
      dot(place(state.at), plot.sy(mine), 4.5, "x-dot"),
    says: `${t(`explain_t5_${kind}`, words)} ${t("explain_t5_says", words)}`,
    drag: (at) => ({ at: Math.round(Math.min(end, Math.max(0, plot.inverse(at)))) }),
  };
}
