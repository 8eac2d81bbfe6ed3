// The roofline, and where a step's time goes, as Plotly draws them. Asks nothing.

import { colour, faded } from "./charts.js";
import { costs } from "./costs.js";
import { hueOf, letterOf } from "./letters.js";
import { short } from "./numbers.js";
import { pick, t } from "./words.js";

const SYMBOLS = { training: "circle", prefill: "square", decode: "diamond", together: "diamond-tall" };
const KINDS = ["products", "attention", "normalization", "elementwise", "optimizer", "rest"];
const BYTES = { here: 4, other: 2 }; // of a number: float32 as trained here, bfloat16 elsewhere
const POINTS = 60;

const titleOf = (variant) => `${letterOf(variant)} ${pick(costs.said.titles[variant])}`;

/** The roofs of a machine: {flops, bandwidth, name}; null for this one before it was measured. */
export function machine(id) {
  if (id !== "here") return costs.said?.accelerators.find((each) => each.id === id) ?? null;
  return costs.found() && { ...costs.found().here, name: t("cost_here") };
}

/** Every activity of every variant on a machine: where it stands under the roof, and what was measured. */
export function places({ machine: id, size }) {
  const roof = machine(id);
  if (!costs.said || !roof) return [];
  const bytes = id === "here" ? BYTES.here : BYTES.other;
  const of = size === "full" ? costs.said.full : costs.said.predicted;
  return of.flatMap(({ works }, variant) =>
    Object.entries(works).map(([activity, { flops, numbers }]) => {
      const intensity = flops / numbers / bytes;
      const cached = id === "here" && numbers * bytes <= 2 ** 20 ? roof.cached : roof.bandwidth;
      const seconds =
        id === "here" && size === "chosen" ? costs.found()?.variants[variant]?.seconds[activity]?.median : null;
      return {
        variant,
        activity,
        intensity,
        bound: Math.min(roof.flops, intensity * cached),
        reached: seconds ? flops / seconds : null,
        needs: roof.flops / roof.bandwidth,
        roof,
      };
    }),
  );
}

export function roofline(chosen) {
  const all = places(chosen);
  const roof = machine(chosen.machine);
  return {
    traces: roof
      ? [
          ...roofs(roof, all),
          ...costs.said.titles.flatMap((_, variant) =>
            points(
              all.filter((place) => place.variant === variant),
              variant,
              chosen,
            ),
          ),
        ]
      : [],
    layout: {
      hovermode: "closest",
      margin: { l: 60, r: 16, t: 28, b: 44 },
      xaxis: { title: t("cost_axis_intensity"), type: "log", dtick: 1, tickformat: "~s" },
      yaxis: { title: t("cost_axis_speed"), type: "log", dtick: 1, tickformat: "~s" },
    },
    summary: all.map((place) => words(place)).join("; "),
    empty: roof ? null : t("cost_here_unknown"),
  };
}

function roofs(roof, all) {
  const x = [...all.map(({ intensity }) => intensity), roof.flops / roof.bandwidth];
  const [low, high] = [Math.min(...x) / 3, Math.max(...x) * 4];
  const along = Array.from({ length: POINTS }, (_, step) => low * (high / low) ** (step / (POINTS - 1)));
  const line = (name, bandwidth, dash) => ({
    type: "scatter",
    mode: "lines",
    name,
    x: along,
    y: along.map((intensity) => Math.min(roof.flops, intensity * bandwidth)),
    line: { color: colour("strong-line"), width: 1.6, dash },
    hovertemplate: `${name}: %{y:.3s}FLOPs/s<extra></extra>`,
  });
  return [
    line(t("cost_roof", { name: roof.name }), roof.bandwidth, "solid"),
    ...(roof.cached ? [line(t("cost_roof_cached"), roof.cached, "dot")] : []),
  ];
}

function points(mine, variant, { size }) {
  const hue = colour(hueOf(variant));
  const name = size === "full" ? `${letterOf(variant)} ${costs.said.full[variant].name}` : titleOf(variant);
  const dots = (place, y, reached) => ({
    type: "scatter",
    mode: "markers",
    name: reached ? t("cost_measured_of", { name }) : name,
    legendgroup: name,
    showlegend: place.activity === "training",
    x: [place.intensity],
    y: [y],
    marker: {
      symbol: `${SYMBOLS[place.activity]}${reached ? "" : "-open"}`,
      size: 11,
      color: hue,
      line: { color: hue, width: 2 },
    },
    hovertemplate: `${words(place)}<extra></extra>`,
  });
  return mine.flatMap((place) => [
    dots(place, place.bound, false),
    ...(place.reached ? [dots(place, place.reached, true)] : []),
  ]);
}

/** "A, writing one sequence: 0.99 FLOPs a byte, at most 0.34 % of the matrix rate". */
export function words({ variant, activity, intensity, bound, reached, roof }) {
  const values = {
    letter: letterOf(variant),
    activity: t(`cost_activity_${activity}`, { together: costs.said.together }),
    intensity: short(intensity),
    share: percent(bound / roof.flops),
    speed: short(bound),
  };
  return reached
    ? t("cost_place_reached", { ...values, reached: short(reached), of_bound: percent(reached / bound) })
    : t("cost_place", values);
}

/** A share, two digits of it: 0.34 %, 61 %. */
export const percent = (share) => `${+(100 * share).toPrecision(2)} %`;

/** Shares of FLOPs beside shares of time, by kind of operation, every variant in its colour. */
export function shares({ attention }) {
  const variants = costs.found()?.variants ?? [];
  const kinds = KINDS.filter((kind) =>
    variants.some(({ shares }) => shares[attention].some((each) => each.kind === kind && each.seconds > 0)),
  );
  const names = kinds.map((kind) => t(`cost_kind_${kind}`));
  const bars = (variant, rows, of) => {
    const x = kinds.map((kind) => rows.find((each) => each.kind === kind)[of]);
    const hue = colour(hueOf(variant));
    const time = of === "time_share";
    return {
      type: "bar",
      orientation: "h",
      name: t(time ? "cost_bar_time" : "cost_bar_flops", { name: titleOf(variant) }),
      x,
      y: names,
      text: x.map(percent),
      textposition: "outside",
      cliponaxis: false,
      textfont: { size: 11 },
      marker: { color: time ? hue : faded(hue, 0.18), line: { color: hue, width: 1.2 } },
      hovertemplate: "%{y}: %{text}<extra>%{fullData.name}</extra>",
    };
  };
  return {
    traces: variants.flatMap(({ shares: by }, variant) =>
      ["flops_share", "time_share"].map((of) => bars(variant, by[attention], of)),
    ),
    layout: {
      hovermode: "closest",
      barmode: "group",
      bargap: 0.25,
      margin: { l: 8, r: 48, t: 28, b: 44 },
      xaxis: { title: t("cost_axis_share"), tickformat: ".0%", range: [0, 1.02] },
      yaxis: { automargin: true, autorange: "reversed", type: "category" },
    },
    summary: said(attention).join(" "),
    empty: variants.length ? null : t("cost_not_measured"),
  };
}

/** What the bars show of normalization, in a sentence a variant. */
export function said(attention) {
  return (costs.found()?.variants ?? []).map(({ shares: by }, variant) => {
    const { flops_share: flops, time_share: time } = by[attention].find(({ kind }) => kind === "normalization");
    return t("cost_normalization", { name: titleOf(variant), flops: percent(flops), time: percent(time) });
  });
}
