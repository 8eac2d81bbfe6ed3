// Behind a row of the skills' grid: accuracy against difficulty, and how long each variant took to be right 95 times of 100.

import { chart, colour } from "./charts.js";
import { fill, h } from "./dom.js";
import { hueOf } from "./letters.js";
import { duration, short } from "./numbers.js";
import { LETTERS } from "./page.js";
import { pick, t } from "./words.js";

/** {element, update()} for one task; `profile()` is what is known of the profile now. */
export function skillDetails(task, profile) {
  const area = h("div", { class: "chart" });
  const times = h("div", { class: "scroll" });
  const element = h("div", { class: "skills-details" }, area, times);
  const now = () => profile()?.tasks.find((each) => each.task === task.task);
  const drawn = chart(area, () => describe(now(), profile(), settings({ data: task.spelling })), `skill-${task.task}`);
  const update = () => {
    fill(times, now() ? table(now(), profile()) : []);
    drawn.draw();
  };
  return { element, update };
}

// The settings of a difficulty alone, since the task is the row's: "2:32:16", and what each of them is.
const settings = ({ data }) => data.slice(data.indexOf(":") + 1);

function describe(task, profile, spelt) {
  const levels = task?.levels ?? [];
  const names = levels.map(settings);
  const lines = (profile?.variants ?? []).map((variant, index) => {
    const hue = colour(hueOf(index));
    const share = levels.map((level) => level.variants[index].accuracy.mean);
    return {
      type: "scatter",
      mode: "lines+markers",
      name: `${LETTERS[index]} ${pick(variant)}`,
      x: names,
      y: share,
      line: { color: hue, width: 2 },
      marker: { size: 8, color: hue },
      hovertemplate: "%{y:.1%}",
    };
  });
  const chance = {
    type: "scatter",
    mode: "lines",
    name: t("skills_chance"),
    x: names,
    y: levels.map((level) => level.chance),
    line: { color: colour("soft"), width: 1.5, dash: "dot" },
    hovertemplate: "%{y:.1%}",
  };
  const measured = lines.some(({ y }) => y.some((share) => share != null));
  const said = lines
    .map(
      ({ name, y }) =>
        `${name}: ${y.map((share) => (share == null ? "–" : `${Math.round(100 * share)} %`)).join(", ")}`,
    )
    .join("; ");
  return {
    traces: measured ? [chance, ...lines] : [],
    layout: {
      showlegend: true,
      xaxis: { title: `${t("skills_difficulty")} · ${spelt}`, type: "category" },
      yaxis: { title: t("skills_accuracy"), range: [0, 1.04], tickformat: ".0%" },
    },
    summary: `${pick(task?.title)} ${said}`,
    empty: measured ? null : t("skills_no_curve"),
  };
}

function table(task, { variants }) {
  const head = h(
    "tr",
    {},
    h("th", { scope: "col", text: t("skills_time") }),
    variants.map((_, index) =>
      h("th", { scope: "col", "data-letter": LETTERS[index] }, h("span", { class: "in-colour", text: LETTERS[index] })),
    ),
  );
  const rows = task.levels.map((level) =>
    h(
      "tr",
      {},
      h("th", { scope: "row", text: settings(level) }),
      level.variants.map(({ solved, accuracy }) => h("td", { text: took(solved, accuracy) })),
    ),
  );
  return h("table", { class: "skills-times" }, h("thead", {}, head), h("tbody", {}, rows));
}

const took = (solved, accuracy) =>
  solved.runs
    ? t("skills_took", { seconds: duration(solved.seconds), tokens: short(solved.tokens) })
    : accuracy.mean == null
      ? "–"
      : t("skills_never");
