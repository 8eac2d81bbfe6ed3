// Activations: the function, its slope, and all the others behind it, as the model's own code computed them.

import { dot, frame, line, path } from "../explain/drawing.js";
import { figure } from "../numbers.js";
import { pick, t } from "../words.js";

export const id = "activation";
export const order = 5;
export const title = () => t("explain_activation");
export const note = () => t("explain_activation_note");

export const begin = (values, { activations }) => ({ ...values, z: -1, activations });

export const controls = ({ activations }) => [
  {
    key: "slug",
    title: () => t("explain_function"),
    words: activations.map((each) => [each.slug, () => pick(each.title)]),
  },
  {
    key: "z",
    title: () => "z",
    from: -activations[0].edge,
    to: activations[0].edge,
    step: 0.05,
    write: (z) => z.toFixed(2),
  },
];

export function draw({ slug, gated, z, activations }, width) {
  const { edge } = activations[0];
  const plot = frame(
    width,
    250,
    { from: -edge, to: edge, ticks: [-6, -4, -2, 0, 2, 4, 6], title: "z" },
    { from: -1, to: 4, ticks: [-1, 0, 1, 2, 3, 4] },
  );
  const mine = activations.find((each) => each.slug === slug);
  const curve = (values, style) =>
    path(
      values.flatMap((y, index) =>
        y <= 4.2 ? [[plot.sx(-edge + (2 * edge * index) / (values.length - 1)), plot.sy(y)]] : [],
      ),
      style,
    );
  const others = activations.filter((each) => each !== mine).map(({ y }) => curve(y, "x-line x-ghost"));
  const [y, slope] = [valueAt(mine.y, z, edge), valueAt(mine.slope, z, edge)];
  const cursor =
    line(plot.sx(z), plot.top, plot.sx(z), plot.bottom, "x-cursor") +
    (y <= 4 ? dot(plot.sx(z), plot.sy(y), 4.5, "x-dot") : "");
  return {
    height: 250,
    svg: plot.axes + others.join("") + curve(mine.slope, "x-line x-dashed") + curve(mine.y, "x-line") + cursor,
    says: t(gated ? "explain_activation_gated" : "explain_activation_says", {
      name: pick(mine.title),
      z: z.toFixed(2),
      y: figure(+y.toFixed(3)),
      slope: figure(+slope.toFixed(3)),
    }),
    drag: (x) => ({ z: +Math.min(edge, Math.max(-edge, plot.inverse(x))).toFixed(2) }),
  };
}

function valueAt(values, z, edge) {
  const place = ((z + edge) / (2 * edge)) * (values.length - 1);
  const [before, part] = [
    Math.min(Math.floor(place), values.length - 2),
    place - Math.min(Math.floor(place), values.length - 2),
  ];
  return values[before] * (1 - part) + values[before + 1] * part;
}
