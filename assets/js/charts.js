// Line charts with Plotly: loaded when first needed, redrawn in place so that zoom and legend stay, one cursor for all.

import { bar } from "./chart-files.js";
import { tell } from "./chart-words.js";
import { h } from "./dom.js";
import { page } from "./page.js";
import { turns } from "./turns.js";
import { language, onLanguage } from "./words.js";

const WIDE = 1000; // largest over smallest, from which on a logarithmic axis has marks for whole powers of ten alone

/** The marks of a logarithmic axis that shows these traces: 1, 2 and 5 of every decade, each written out; of a wide one, powers of ten. */
export function logTicks(traces) {
  const sizes = traces.flatMap(({ y }) => y).filter((size) => size > 0);
  const ratio = Math.max(...sizes) / Math.min(...sizes);
  return ratio < WIDE || !sizes.length
    ? { dtick: "D2", tickformat: "~g" }
    : { dtick: ratio < 1e8 ? 1 : 2, exponentformat: "power" };
}

const STAGE = 1.35; // times as large are the letters on a stage
const configs = new Map(); // one a language: Plotly makes a chart anew when it is given another one
const shown = new Set();
const colours = new Map(); // asked once a theme
let source = "";
let library = null;

export function openCharts(address) {
  source = address;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (colours.clear(), redraw()));
  onLanguage(redraw);
}

/** Plotly, fetched once. */
export function plotly() {
  library ??= new Promise((resolve, reject) => {
    const script = h("script", { src: source, onload: () => resolve(window.Plotly), onerror: reject });
    document.head.append(script);
  });
  return library;
}

/** The value of a colour of the style sheets, as the theme has it now. */
export function colour(name) {
  if (!colours.has(name))
    colours.set(name, getComputedStyle(document.querySelector("#playground")).getPropertyValue(`--${name}`).trim());
  return colours.get(name);
}

/** A colour with opacity: "#0072b2" at 0.3. */
export function faded(hex, opacity) {
  const number = parseInt(hex.slice(1).padEnd(6, hex.slice(1)), 16);
  return `rgba(${number >> 16}, ${(number >> 8) & 255}, ${number & 255}, ${opacity})`;
}

/**
 * A chart in `host`. `describe()` gives {traces, layout, summary, empty}; draw() shows what it gives now.
 * Charts of the same `group` share a cursor: their x axes mean the same.
 */
export function chart(host, describe, group = "") {
  const plot = h("div", { class: "plot", role: "figure" }); // no picture: its bar has buttons
  const words = h("div", { class: "unseen" });
  const empty = h("div", { class: "empty" });
  host.append(plot, empty, words);
  const turn = turns(host, draw);
  const mine = { plot, group, draw: () => plotly().then(turn) };
  let fitted = ""; // the size that was drawn for: coming back to a tab changes none
  const measured = () => `${host.clientWidth} × ${host.clientHeight}`;
  shown.add(mine);
  new ResizeObserver(fit).observe(host);

  function fit() {
    if (!plot.offsetParent || !plot.data || measured() === fitted) return; // on a tab that is not open nothing can be measured
    fitted = measured();
    window.Plotly.Plots.resize(plot);
  }

  async function draw() {
    const { traces, layout, summary, empty: sentence } = describe();
    empty.textContent = sentence ?? "";
    host.classList.toggle("bare", Boolean(sentence));
    plot.setAttribute("aria-label", summary);
    tell(words, sentence ? [] : traces, layout, summary);
    plot.style.visibility = sentence ? "hidden" : "visible";
    const size = measured(); // before its bar is there, which takes room on a phone
    await window.Plotly.react(plot, traces, framed(layout), config());
    fitted ||= size;
    plot.dataset.shows = page.results?.live ? page.results.id : "";
    if (!plot.dataset.cursor) cursor(mine);
  }
  return mine;
}

function redraw() {
  for (const each of shown) if (each.plot.data) each.draw();
}

function config() {
  const now = language();
  if (!configs.has(now))
    configs.set(
      now,
      bar(now, () => colour("card")),
    );
  return configs.get(now);
}

function framed(layout) {
  const scale = document.querySelector("#playground").classList.contains("stage") ? STAGE : 1;
  const axis = {
    gridcolor: colour("line"),
    zerolinecolor: colour("line"),
    linecolor: colour("line"),
    tickfont: { size: 11 * scale },
    title: { font: { size: 11 * scale }, standoff: 8 },
  };
  const merge = (own) => ({ ...axis, ...own, title: { ...axis.title, text: own?.title ?? "" } });
  return {
    uirevision: "keep",
    autosize: true,
    margin: { l: 44, r: 12, t: 28, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: colour("sans") || "system-ui", size: 12 * scale, color: colour("soft") },
    hovermode: "x unified",
    hoverlabel: {
      bgcolor: colour("card"),
      bordercolor: colour("line"),
      font: { color: colour("ink"), size: 12 * scale },
    },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12 * scale, color: colour("ink") } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("soft"), activecolor: colour("ink") },
    ...layout,
    xaxis: {
      ...merge(layout.xaxis),
      showspikes: true,
      spikemode: "across",
      spikethickness: 1,
      spikedash: "dot",
      spikecolor: colour("soft"),
    },
    yaxis: merge(layout.yaxis),
  };
}

// The pointer over one chart puts the cursor of the others of its group at the same place.
function cursor(mine) {
  mine.plot.dataset.cursor = "shared";
  const others = () =>
    [...shown].filter((each) => each !== mine && each.group === mine.group && each.plot.data && each.plot.offsetParent);
  mine.plot.on("plotly_hover", (event) => {
    if (!event.event) return; // a cursor put there by another chart is not passed on
    for (const other of others()) window.Plotly.Fx.hover(other.plot, { xval: event.points[0].x });
  });
  mine.plot.on(
    "plotly_unhover",
    (event) => event.event && others().forEach((other) => window.Plotly.Fx.unhover(other.plot)),
  );
}
