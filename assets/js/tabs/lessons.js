// The lessons tab: the lecture's claims by theme, each with its verdict, its result, and a button that puts it to the test here.

import { fill, h } from "../dom.js";
import { openLesson } from "../lesson.js";
import { follows, remembered } from "../lesson-run.js";
import { listen, page } from "../page.js";
import { ask } from "../server.js";
import { loading } from "../tabs.js";
import { pick, t } from "../words.js";

export const order = 1.5;
export const title = () => t("lessons");

const VERDICTS = ["confirmed", "contradicted", "undecided", "none"];

export async function mount(host) {
  fill(host, loading());
  const said = await ask("lessons", { remembered: remembered() }).catch(() => null);
  if (!said || said.refusal) return fill(host, h("p", { class: "loading", role: "alert", text: () => t("no_answer") }));
  const opened = said.lessons.map((lesson) => openLesson(lesson, said.mine[lesson.id]));
  const tally = h("p", { class: "tally note", role: "status" });
  const intro = h(
    "div",
    { class: "intro" },
    h("h2", { text: () => t("lessons_title", { count: said.lessons.length }) }),
    h("p", { class: "note", text: () => t("lessons_note") }),
    tally,
  );
  fill(host, h("div", { class: "columns lessons" }, intro, themes(opened)));

  function count() {
    const words = opened.map(({ verdict }) => verdict());
    const parts = VERDICTS.map((word) => [words.filter((each) => each === word).length, word]).filter(
      ([number]) => number,
    );
    fill(
      tally,
      parts.map(([number, word]) =>
        h("span", { class: "badge", "data-verdict": word, text: () => `${number} ${t(`lesson_${word}`)}` }),
      ),
    );
  }

  function arrive() {
    if (page.tab !== "lessons" || !page.anchor) return;
    opened.find(({ id }) => `#${id}` === page.anchor)?.show();
  }

  follows(opened, count);
  count();
  listen("tab", arrive);
  arrive();
}

function themes(opened) {
  const found = new Map();
  for (const each of opened) found.set(each.theme.id, [...(found.get(each.theme.id) ?? []), each]);
  return [...found.values()].map((some) =>
    h(
      "section",
      { class: "section" },
      h("h3", { text: () => pick(some[0].theme.title) }),
      some.map(({ element }) => element),
    ),
  );
}
