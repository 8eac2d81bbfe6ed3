// What goes on inside the runs: four of many readings, against training or across layers, in the colours of the variants.

import { chart, colour, faded, logTicks } from "../charts.js";
import { placeholder } from "../compared.js";
import { fill, h } from "../dom.js";
import { hueOf, letterOf } from "../letters.js";
import { short } from "../numbers.js";
import { owner } from "../owner.js";
import { listen, page, training } from "../page.js";
import { segments } from "../segments.js";
import { ask } from "../server.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 2.5;
export const wide = true;
export const title = () => t("inside");
export const note = () => t("inside_note");

const MOST = 4;
const LAYERS = 8; // drawn at most, the first and the last among them
const WAIT = 700; // ms between two questions while a run goes on
const LOGARITHMIC = new Set([
  "gradient_attention",
  "gradient_feed_forward",
  "gradient_embedding",
  "update_attention",
  "update_feed_forward",
]);

const UNITS = {
  gradient: "norm",
  update: "ratio",
  residual: "rms",
  score: "logit",
  logit: "logit",
  log: "nats",
  entropy: "share",
  dead: "share",
  open: "share",
  hidden: "share",
  gate: "share",
};

const chosen = { names: ["gradient_attention", "residual", "update_attention", "score"], over: "time" };
let seen = null; // the server's answer
let asked = "";
let timer = 0;

export function mount(body, head) {
  const measure = h("input", {
    type: "checkbox",
    checked: page.inside,
    onchange: () => (page.inside = measure.checked),
  });
  const switches = h(
    "div",
    { class: "switches" },
    over(() => host.draw()),
    h("label", { class: "check" }, measure, h("span", { text: () => t("inside_measure") })),
  );
  const list = h("fieldset", { class: "inside-list", "aria-label": () => t("inside_choose") });
  const shares = h("p", { class: "note shares" });
  const grows = h("ul", { class: "sentences" });
  const grid = h("div", { class: "inside-charts" });
  const picking = h(
    "details",
    { class: "inside-picking", open: matchMedia("(min-width: 901px)").matches },
    h("summary", { text: () => t("inside_choose") }),
    list,
  );
  const places = Array.from({ length: MOST }, (_, index) => place(grid, index));
  const nothing = placeholder("");
  const host = { list, shares, grows, nothing, picking, grid, draw: () => places.forEach((each) => each.draw()) };
  head.append(switches);
  body.append(nothing, picking, shares, grid, grows);
  listen("shown", host.draw);
  onLanguage(() => show(host));
  show(host);
  return { update: () => renew(host) };
}

function over(changed) {
  const words = ["time", "layers"].map((word) => ({ value: word, text: () => t(`inside_over_${word}`) }));
  const choose = (word) => {
    chosen.over = word;
    changed();
  };
  return segments({ label: () => t("inside_over"), words, chosen: chosen.over, choose }).element;
}

function place(grid, index) {
  const name = h("h3");
  const area = h("div", { class: "chart" });
  const section = h("section", {}, name, area);
  grid.append(section);
  const drawn = chart(area, () => {
    // With the lines, not before: a chart out of view is drawn later.
    name.textContent = titleOf(chosen.names[index]);
    section.dataset.reading = chosen.names[index];
    return describe(chosen.names[index]);
  });
  const draw = () => {
    section.hidden = index >= chosen.names.length;
    if (!section.hidden) drawn.draw();
  };
  return { draw };
}

const titleOf = (name) => pick(seen?.readings[name]);

// Another experiment, other readings, or more looks than before: asked now and then while a run goes on.
function renew(host, now = false) {
  const { results } = page;
  const id = results?.live && results.runs.length ? results.id : null;
  const wanted = JSON.stringify([id, chosen.names, results?.runs.map((run) => run.probed ?? 0)]);
  if (wanted === asked || (timer && !now)) return;
  asked = wanted;
  if (!id) {
    if (seen) seen = { ...seen, variants: [] };
    return show(host);
  }
  timer = setTimeout(() => ((timer = 0), renew(host)), WAIT);
  question(host, id);
}

async function question(host, id) {
  try {
    const said = await ask("inside", { id, names: chosen.names, owner: owner() });
    if (said.refusal || page.results?.id !== id) return;
    seen = said;
    show(host);
  } catch {
    asked = ""; // the next change asks again
  }
}

function show(host) {
  const looked = seen?.variants.some(({ step }) => step.length);
  host.nothing.hidden = looked;
  host.picking.hidden = host.grid.hidden = !looked;
  host.nothing.textContent = t(!page.results?.live ? "inside_train" : training() ? "inside_soon" : "inside_none");
  fill(
    host.list,
    Object.keys(seen?.readings ?? {}).map((name) => choice(host, name)),
  );
  const spent = (seen?.variants ?? []).filter(({ share }) => share != null);
  host.shares.textContent = spent
    .map(({ variant, share }) =>
      t("inside_share", { letter: letterOf(variant), share: `${(100 * share).toFixed(1)} %` }),
    )
    .join(" · ");
  fill(
    host.grows,
    (seen?.variants ?? [])
      .flatMap(growths)
      .map((each) => h("li", { "data-letter": each.letter, text: t("inside_grows", each) })),
  );
  host.draw();
}

// How the gradient stands across the layers now, and before training had changed anything, where it is among what is looked at.
function growths({ variant, readings }) {
  return ["attention", "feed_forward"].flatMap((part) => {
    const looks = (chosen.names.includes(`gradient_${part}`) && readings[`gradient_${part}`]) || [];
    const [start, ratio] = [looks[0], looks.at(-1)].map((layers) =>
      layers?.length > 1 && layers[0] && layers.at(-1) ? layers.at(-1) / layers[0] : null,
    );
    return ratio
      ? [{ letter: letterOf(variant), part: t(`inside_part_${part}`), ratio: short(ratio), start: short(start) }]
      : [];
  });
}

function choice(host, name) {
  const checked = chosen.names.includes(name);
  const input = h("input", {
    type: "checkbox",
    value: name,
    checked,
    disabled: !checked && chosen.names.length >= MOST,
  });
  input.addEventListener("change", () => {
    chosen.names = input.checked ? [...chosen.names, name] : chosen.names.filter((other) => other !== name);
    renew(host, true);
    show(host);
    host.list.querySelector(`[value="${name}"]`)?.focus();
  });
  return h("label", { class: "check" }, input, h("span", { text: titleOf(name) }));
}

function describe(name) {
  const histogram = seen?.histograms.includes(name);
  const there = (seen?.variants ?? []).filter(({ readings }) => readings[name]?.some((values) => values.length));
  const layered = chosen.over === "layers" && !histogram;
  const traces = there.flatMap((each) =>
    histogram ? shape(each, name) : layered ? across(each, name) : through(each, name),
  );
  const { x } = page.shown;
  const log = LOGARITHMIC.has(name);
  const last = ({ variant, readings }) => `${letterOf(variant)} ${readings[name].at(-1).join(", ")}`;
  return {
    traces,
    layout: {
      hovermode: "closest",
      showlegend: false,
      margin: { l: 44, r: 12, t: 10, b: 40 },
      shapes: histogram || layered ? [] : there.flatMap(spiked),
      xaxis: histogram
        ? { title: t("inside_value") }
        : layered
          ? {
              title: t("inside_layer"),
              dtick: there.some(({ readings }) => readings[name][0].length > 12) ? undefined : 1,
            }
          : { title: t(`x_${x}`), rangemode: "tozero" },
      yaxis: {
        title: t(`inside_unit_${UNITS[name.split("_")[0]]}`),
        type: log ? "log" : "linear",
        automargin: true,
        ...(log ? logTicks(traces) : { rangemode: "tozero" }),
      },
    },
    summary: `${titleOf(name)}${t("colon")}${there.map(last).join("; ")}`,
    empty: traces.length ? null : t("inside_not_there"),
  };
}

// A line a layer, from light to dark; of many layers some, the first and the last among them.
function through(each, name) {
  const looks = each.readings[name];
  const count = Math.max(...looks.map((values) => values.length));
  const some =
    count <= LAYERS
      ? [...Array(count).keys()]
      : Array.from({ length: LAYERS }, (_, index) => Math.round((index * (count - 1)) / (LAYERS - 1)));
  return some.map((layer) => ({
    type: "scatter",
    mode: "lines",
    name: t("inside_trace", { letter: letterOf(each.variant), layer: numbered(name, layer) }),
    x: each[page.shown.x],
    y: looks.map((values) => values[layer] ?? null),
    line: { color: faded(colour(hueOf(each.variant)), count > 1 ? 0.3 + (0.7 * layer) / (count - 1) : 1), width: 1.6 },
    hovertemplate: "%{y:.4g}",
  }));
}

// The stream is read before the first block too: that is layer 0.
const numbered = (name, layer) => (name === "residual" ? layer : layer + 1);

// The first look, dotted, and the last.
function across(each, name) {
  const looks = each.readings[name].filter((values) => values.length);
  return [looks[0], looks.at(-1)].map((values, index) => ({
    type: "scatter",
    mode: "lines+markers",
    name: `${letterOf(each.variant)} ${t(index ? "inside_now" : "inside_start")}`,
    x: values.map((_, layer) => numbered(name, layer)),
    y: values,
    line: {
      color: index ? colour(hueOf(each.variant)) : faded(colour(hueOf(each.variant)), 0.6),
      width: index ? 2.2 : 1.4,
      ...(!index && { dash: "dot" }),
    },
    marker: { size: 5 },
    hovertemplate: "%{y:.4g}",
  }));
}

function shape(each, name) {
  const shares = each.readings[name].at(-1);
  const width = (2 * seen.edge) / shares.length;
  const x = shares.map((_, bin) => -seen.edge + (bin + 0.5) * width);
  return [
    {
      type: "scatter",
      mode: "lines",
      name: letterOf(each.variant),
      x,
      y: shares,
      line: { color: colour(hueOf(each.variant)), width: 2, shape: "hvh" },
      hovertemplate: "%{x:.2f}: %{y:.2%}",
    },
  ];
}

// Where the loss has spiked: a line in the variant's colour.
function spiked({ variant, spikes, step, ...axes }) {
  const places = { step, ...axes }[page.shown.x];
  return spikes.map((at) => {
    const index = Math.max(
      0,
      step.findLastIndex((each) => each <= at),
    );
    const ratio = step[index] ? at / step[index] : 1;
    const x = places[index] * ratio;
    return {
      type: "line",
      xref: "x",
      yref: "paper",
      x0: x,
      x1: x,
      y0: 0,
      y1: 1,
      line: { color: faded(colour(hueOf(variant)), 0.7), width: 1, dash: "dash" },
      label: { text: t("inside_spike"), font: { size: 10 } },
    };
  });
}
