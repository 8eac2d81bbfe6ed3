// One lesson: a line with its verdict, which opens to claim, experiment, rule, result and the button that runs it here.

import { fill, h } from "./dom.js";
import { drawPlots } from "./lesson-plot.js";
import { halt, running, start } from "./lesson-run.js";
import { duration, figure } from "./numbers.js";
import { bring } from "./page.js";
import { toCompare } from "./putting.js";
import { onLanguage, pick, t } from "./words.js";

const LETTERS = "123456789";

/** The card of `lesson`; `mine` is how the visitor's own run of it stands, where there is one. */
export function openLesson(lesson, mine = null) {
  const state = { lesson, mine };
  const badge = h("span", { class: "badge" });
  const summary = h(
    "summary",
    {},
    h("span", { class: "number", text: String(lesson.order) }),
    h("span", { class: "claim", text: () => pick(lesson.title) }),
    badge,
  );
  const body = h("div", { class: "lesson-body" });
  const element = h(
    "details",
    {
      class: "card lesson",
      id: `lesson-${lesson.id}`,
      "data-lesson": lesson.id,
      ontoggle: () => element.open && build(),
    },
    summary,
    body,
  );
  const shownResult = () => state.mine?.result ?? lesson.shipped;
  const verdict = () => shownResult()?.verdict ?? "none";
  let parts = null;

  function build() {
    parts ??= assemble(state, body);
    update();
  }

  function update() {
    const going = ["running", "measuring"].includes(state.mine?.state);
    badge.dataset.verdict = going ? "going" : verdict();
    badge.textContent = t(going ? "lesson_going" : `lesson_${verdict()}`);
    parts?.update(shownResult());
  }

  onLanguage(update);
  update();
  return {
    id: lesson.id,
    theme: lesson.theme,
    element,
    verdict,
    state,
    update,
    show() {
      element.open = true;
      build(); // at once: the event comes later, and until then the page may be too short to bring its head to the top
      element.scrollIntoView({ block: "start", behavior: "instant" });
    },
  };
}

function assemble(state, body) {
  const { lesson } = state;
  const result = h("section", { class: "lesson-result", "aria-label": () => t("lesson_result") });
  const plots = h("div", { class: "lesson-plots" });
  const run = h("button", {
    class: "primary",
    text: () => t("lesson_run", { time: duration(lesson.seconds) }),
    onclick: () => start(state),
  });
  const stop = h("button", { class: "stop", text: () => t("stop"), onclick: () => halt(state) });
  const progress = h(
    "div",
    {
      class: "progress",
      role: "progressbar",
      "aria-valuemin": "0",
      "aria-valuemax": "100",
      "aria-label": () => t("progress"),
    },
    h("i", {}),
  );
  const says = h("span", { class: "says", role: "status" });
  fill(
    body,
    pair("lesson_said", lesson.said, h("span", { class: "note source", text: () => pick(lesson.by) })),
    pair("lesson_figure", lesson.figure),
    compared(lesson),
    pair("lesson_rule", lesson.rule),
    h("div", { class: "lesson-run" }, run, stop, says, progress),
    result,
    plots,
    pair("lesson_look", lesson.look),
    pair("lesson_small", lesson.small),
  );
  const drawn = drawPlots(plots, state);

  function update(content) {
    const { mine } = state;
    const going = running(state);
    run.disabled = going || state.starting === true;
    stop.disabled = !going;
    says.textContent = inWords(mine, state.starting);
    says.classList.toggle("bad", mine?.state === "failed");
    progress.hidden = !going;
    progress.setAttribute("aria-valuenow", Math.round(100 * (mine?.progress ?? 0)));
    progress.firstChild.style.width = `${100 * (mine?.progress ?? 0)}%`;
    fill(
      result,
      content ? shown(lesson, content, Boolean(mine?.result)) : h("p", { class: "nothing", text: t("lesson_not_run") }),
    );
    plots.hidden = !content && !Object.keys(mine?.losses ?? {}).length;
    drawn.draw();
  }
  return { update };
}

const pair = (lead, text, ...more) =>
  h("p", {}, h("span", { class: "lead", text: () => t(lead) }), h("span", { text: () => pick(text) }), ...more);

function compared(lesson) {
  const links = lesson.experiments.map(({ query, experiment }, index) =>
    h("a", {
      class: "button",
      href: `?${query}`,
      text: () => `${t("lesson_open")}${lesson.experiments.length > 1 ? ` ${LETTERS[index]}` : ""}`,
      onclick: (event) => openIn(event, experiment),
    }),
  );
  const arms = Object.values(lesson.arms).map((arm) =>
    h("li", {}, h("span", { text: () => pick(arm.title) }), h("code", { text: arm.spelling })),
  );
  return h(
    "div",
    { class: "lesson-compared" },
    h("span", { class: "lead", text: () => t("lesson_compared", { count: arms.length, seeds: lesson.seeds }) }),
    h("details", { class: "arms" }, h("summary", { text: () => t("lesson_arms") }), h("ul", {}, arms)),
    h("span", { class: "links" }, links),
  );
}

function openIn(event, experiment) {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  bring(experiment);
  toCompare();
}

function inWords(mine, starting) {
  if (starting) return t("starting");
  if (!mine) return "";
  if (mine.state === "running") {
    const parts = [t("lesson_runs", { done: mine.ended, all: mine.runs })];
    if (mine.left != null) parts.push(t("time_left", { time: duration(mine.left) }));
    return parts.join(" · ");
  }
  return mine.state === "failed" ? pick(mine.reason) || t("run_failed") : t(`lesson_state_${mine.state}`);
}

function shown(lesson, content, live) {
  const rows = content.findings.map((finding, index) =>
    h(
      "tr",
      {},
      h("td", { text: pick(lesson.parts[index]) }),
      h("td", { class: "numbers", text: interval(finding) }),
      h(
        "td",
        {},
        h("span", { class: "badge", "data-verdict": finding.verdict, text: t(`lesson_${finding.verdict}`) }),
        content.noted[index] ? h("span", { class: "note", text: ` ${pick(content.noted[index])}` }) : null,
      ),
    ),
  );
  const { machine } = content;
  const where = t(live ? "lesson_here" : "lesson_shipped", {
    seeds: content.seeds,
    setting: t(`lesson_${content.setting}`),
    processor: machine.processor,
    cores: machine.cores,
    date: content.date,
  });
  return [
    h("p", { class: "verdict-line" }, h("b", { text: pick(content.sentence) })),
    h("div", { class: "scroll" }, h("table", { class: "findings" }, h("tbody", {}, rows))),
    content.more ? h("p", { class: "remarks", text: pick(content.more) }) : null,
    h("p", { class: "note", text: where }),
  ];
}

function interval({ mean, low, high }) {
  if (mean == null) return t("lesson_unmeasured");
  const write = (number) => figure(number).replace("-", "−");
  return low == null ? write(mean) : `${write(mean)} [${write(low)}, ${write(high)}]`;
}
