// What was measured by context and batch, as one chart with switches, and as a table of exact numbers.

import { chart } from "./charts.js";
import { fill, h } from "./dom.js";
import { notice } from "./notices.js";
import { exact } from "./numbers.js";
import { bring, GOING, listen, page } from "./page.js";
import { picture } from "./speed-picture.js";
import { tabulated } from "./speed-table.js";
import { one } from "./switches.js";
import { ask } from "./server.js";
import { rows, throughput } from "./throughput.js";
import { onLanguage, pick, t } from "./words.js";

const QUANTITIES = ["decode", "prefill", "first", "latency", "cache"];
const ENGINES = ["fp32", "int8", "int4", "torch", "compiled", "all"];
const BUSY = 1.5; // processes that want to work, for every core, from which on a measurement says that others worked too

/** Fills `host`, and `below` with the table, which is wide. */
export function mountMeasured(host, below) {
  const compile = h("input", { type: "checkbox" });
  const also = h("label", { class: "check" }, compile, h("span", { text: () => t("measured_compile") }));
  const start = h("button", {
    class: "primary",
    onclick: () => throughput.press({ compile: compile.checked, again: done() }),
  });
  const stop = h("button", { class: "halt", text: () => t("says_stop"), onclick: throughput.stop });
  const example = h("button", { text: () => t("measured_example"), onclick: show });
  const progress = h("p", { class: "note", role: "status" });
  const switches = h(
    "div",
    { class: "switches" },
    one("speed", QUANTITIES, "measured_quantity"),
    one("speed_by", ["context", "batch"], "measured_by"),
    one("speed_in", ENGINES, "measured_engine"),
  );
  const area = h("div", { class: "chart" });
  const notes = h("div", { class: "notes" });
  const table = h(
    "details",
    { class: "data-table" },
    h("summary", { text: () => t("measured_table") }),
    h("div", { class: "scroll", tabindex: "0" }),
  );
  host.append(h("div", { class: "asking" }, start, stop, example, also, progress), switches, area, notes);
  below.append(table);
  const drawn = chart(area, () => picture(page.shown));

  const renew = () => {
    start.disabled = throughput.going();
    example.disabled = throughput.going();
    stop.disabled = !GOING.has(throughput.said?.made?.state) || throughput.stopping;
    start.textContent = t(throughput.going() ? "measured_running" : done() ? "measured_again" : "measured_start");
    progress.textContent = state();
    fill(
      notes,
      said().map((text) => h("p", { class: "note", text })),
    );
    table.hidden = !rows().length;
    fill(table.lastChild, tabulated(page.shown));
    drawn.draw();
  };
  throughput.listen(renew);
  onLanguage(renew);
  listen("shown", renew);
  renew();
}

const done = () => throughput.said?.made?.state === "finished";

// Brings four ways to keep a cache in the place of what is chosen, and has them measured.
async function show() {
  const example = await ask("throughput_example").catch(() => null);
  if (!example) return void notice(t("no_answer"), true);
  bring(example);
  throughput.press({ compile: false, again: false });
}

function state() {
  const made = throughput.said?.made;
  if (!made) return throughput.pressed ? t("measured_queued") : t("measured_what");
  if (throughput.stopping) return t("measured_stopping");
  if (made.state === "queued") return t("measured_queued");
  if (made.state === "running") return made.found ? t("measured_progress", made.found) : t("measured_preparing");
  return made.state === "finished" ? "" : pick(made.reason) || t("measured_failed");
}

/** How it was measured, and what is missing in it. */
function said() {
  const found = throughput.found();
  if (!found) return [];
  const how = t("measured_how", { processor: found.machine.processor, threads: found.threads, tokens: found.tokens });
  const out = found.left_out.map(({ context, batch }) => t("measured_left_out", { context: exact(context), batch }));
  const busy =
    found.load > BUSY * found.machine.cores
      ? [t("measured_busy", { load: found.load.toFixed(1), cores: found.machine.cores })]
      : [];
  return [how, ...compiling(found), ...out, ...busy];
}

function compiling({ compiling: seconds }) {
  if (!seconds.length) return [];
  return [
    seconds.includes(null)
      ? t("measured_not_compiled")
      : t("measured_compiled", { seconds: seconds.map((each) => Math.round(each)).join(" + ") }),
  ];
}
