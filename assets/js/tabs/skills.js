// The skills tab: tasks by variants, what each reached at every difficulty, and behind a row the curves and the time it took.

import { fill, h } from "../dom.js";
import { duration } from "../numbers.js";
import { LETTERS, listen, page } from "../page.js";
import { segments } from "../segments.js";
import { ask } from "../server.js";
import { skillDetails } from "../skill-details.js";
import { halt, listenTo, remembered, start, watch } from "../skills-run.js";
import { loading } from "../tabs.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 1.6;
export const title = () => t("skills");

export async function mount(host) {
  fill(host, loading());
  const said = await ask("skills", { ids: remembered() }).catch(() => null);
  if (!said || said.refusal) return fill(host, h("p", { class: "loading", role: "alert", text: () => t("no_answer") }));
  const state = { tasks: said.tasks, mine: said.mine, levels: said.choices[0], starting: false, opened: new Set() };
  const go = h("button", {
    class: "primary",
    text: () => t("skills_start", { letters: chosen() }),
    onclick: () => begin(),
  });
  const stop = h("button", { text: () => t("stop"), onclick: halt });
  const counts = said.choices.map((count) => ({ value: count, text: count }));
  const choose = (count) => (state.levels = count);
  const { element: levels } = segments({
    label: () => t("skills_levels"),
    words: counts,
    chosen: state.levels,
    choose,
  });
  const says = h("p", { class: "skills-says", role: "status" });
  const bar = h("progress", { class: "skills-progress", max: "1", "aria-label": () => t("skills") });
  const grid = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": () => t("skills_title") });
  const intro = h(
    "div",
    { class: "intro" },
    h("h2", { text: () => t("skills_title") }),
    h("p", { class: "note", text: () => t("skills_note") }),
  );
  fill(
    host,
    h(
      "div",
      { class: "columns skills" },
      intro,
      h(
        "div",
        { class: "card skills-card" },
        h(
          "div",
          { class: "skills-run" },
          go,
          h("span", { class: "pick" }, h("span", { class: "note", text: () => t("skills_levels") }), levels),
          stop,
          says,
          bar,
        ),
        grid,
      ),
    ),
  );
  const rows = new Map();

  const running = () => state.mine?.state === "running";

  async function begin() {
    state.starting = true;
    show();
    await start(state.levels, hear);
    state.starting = false;
    show();
  }

  function hear(value) {
    state.mine = value;
    show();
  }

  function show() {
    const { mine } = state;
    go.disabled = state.starting || running();
    go.textContent = t("skills_start", { letters: chosen() });
    stop.hidden = !running();
    bar.hidden = !running();
    bar.value = mine ? mine.ended / mine.runs : 0;
    says.textContent = state.starting ? t("skills_starting") : told(mine);
    draw();
  }

  // The table is made anew only where its columns change; else its cells are.
  function draw() {
    const variants = state.mine?.variants ?? [];
    const key = JSON.stringify([variants, document.documentElement.lang]);
    if (grid.dataset.made !== key) {
      grid.dataset.made = key;
      rows.clear();
      const columns = variants.map((variant, index) =>
        h(
          "th",
          { scope: "col", "data-letter": LETTERS[index] },
          h(
            "div",
            { class: "skills-who" },
            h("span", { class: "tag", text: LETTERS[index], "aria-hidden": "true" }),
            h("span", { class: "skills-name", text: pick(variant) }),
          ),
        ),
      );
      const head = h(
        "tr",
        {},
        h("th", { scope: "col", text: t("skills_task") }),
        columns.length ? columns : h("th", { scope: "col", text: t("skills_difficulty") }),
      );
      fill(
        grid,
        h(
          "table",
          { class: "skills-grid" },
          h("thead", {}, head),
          h(
            "tbody",
            {},
            state.tasks.flatMap((task) => made(task, variants.length)),
          ),
        ),
      );
    }
    for (const task of state.mine?.tasks ?? []) rows.get(task.task)?.update(task);
  }

  function made(task, columns) {
    const details = skillDetails(task, () => state.mine);
    const more = h(
      "tr",
      { class: "skills-more", hidden: !state.opened.has(task.task) },
      h("td", { colspan: 1 + Math.max(1, columns) }, details.element),
    );
    const open = h(
      "button",
      {
        class: "plain skills-open",
        "aria-expanded": state.opened.has(task.task),
        disabled: !columns,
        onclick: () => toggle(),
      },
      h("b", { text: pick(task.title) }),
      h("span", { class: "note", text: pick(task.help) }),
    );
    const cells = Array.from({ length: columns }, (_, index) => h("td", { "data-letter": LETTERS[index] }));
    const before = h(
      "td",
      { class: "note skills-levels" },
      h("code", { text: task.spelling }),
      task.levels.map((level) => h("span", { text: level.slice(level.indexOf(":") + 1) })),
    );
    const row = h("tr", { "data-task": task.task }, h("th", { scope: "row" }, open), columns ? cells : before);
    function toggle() {
      const shown = more.hidden;
      state.opened[shown ? "add" : "delete"](task.task);
      more.hidden = !shown;
      open.setAttribute("aria-expanded", shown);
      if (shown) details.update();
    }
    function update(now) {
      cells.forEach((cell, index) =>
        fill(
          cell,
          h(
            "div",
            { class: "levels" },
            now.levels.map((level) => square(level, index)),
          ),
        ),
      );
      if (!more.hidden) details.update();
    }
    rows.set(task.task, { update });
    return [row, more];
  }

  listen("choices", show);
  onLanguage(show);
  watch(running, hear);
  if (running()) listenTo(remembered(), hear);
  show();
}

function told(mine) {
  if (!mine) return t("skills_none");
  if (mine.state === "running")
    return t(mine.left == null ? "skills_going" : "skills_left", {
      ended: mine.ended,
      runs: mine.runs,
      left: duration(mine.left),
    });
  return t(mine.state === "finished" ? "skills_done" : "skills_stopped", { ended: mine.ended, runs: mine.runs });
}

const chosen = () => LETTERS.slice(0, page.variants.length).split("").join(" · ");

// One difficulty of one variant: the share of right answers, as a number and as how full the colour is.
function square(level, index) {
  const { accuracy, solved, states } = level.variants[index];
  const broken = states.find((state) => state === "diverged" || state === "failed");
  const share = accuracy.mean;
  const text = share == null ? (broken ? "✕" : "–") : String(Math.round(100 * share));
  const words =
    share == null
      ? t(broken ? "skills_broken" : "skills_not_yet", { data: level.data })
      : t("skills_square", {
          data: level.data,
          right: (100 * share).toFixed(1),
          chance: (100 * level.chance).toFixed(0),
        });
  return h("span", {
    class: solved.runs ? "level solved" : "level",
    style: `--share: ${share ?? 0}`,
    title: words,
    "aria-label": words,
    role: "img",
    text,
  });
}
