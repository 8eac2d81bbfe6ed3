// One explainer in a dialog, with the values of the variant beside whose choice it was asked for.

import { experiment } from "../describing.js";
import { fill, h } from "../dom.js";
import { notice } from "../notices.js";
import { LETTERS, page } from "../page.js";
import { ask } from "../server.js";
import { showTab } from "../tabs.js";
import { pick, t } from "../words.js";

let dialog = null; // one for the whole page

/** What explains a choice on one of these axes of variant `index`; undefined where nothing does. */
export function explains(axes, index) {
  const known = page.described?.variants[index]?.explained ?? {};
  return axes.map((axis) => known[axis]).find(Boolean);
}

/** The button beside a choice. */
export function explainButton(row, index) {
  const mine = () => explains(row.axes, index);
  const element = h(
    "button",
    {
      class: "plain explain",
      "aria-label": () => t("explain_this", { title: pick(row.title), letter: LETTERS[index] }),
      title: () => t("explain_open"),
      onclick: () => showExplainer(mine(), index),
    },
    sign(),
  );
  return { element, update: () => (element.style.visibility = mine() ? "visible" : "hidden") };
}

// A small curve with a handle on it: something that can be dragged.
const sign = () =>
  h("span", {
    "aria-hidden": "true",
    html:
      '<svg width="16" height="16" viewBox="0 0 16 16"><path d="M1.5 12.5C5 12.5 6 4 9 4s3 4 5.5 4" fill="none" ' +
      'stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>' +
      '<circle cx="9" cy="4" r="2.5" fill="currentColor"/></svg>',
  });

export async function showExplainer(id, index) {
  const [said, { VIEWS }, { explainer }] = await Promise.all([
    ask("explained", experiment()).catch(() => null),
    import("./views.js"),
    import("./explainer.js"),
  ]);
  const about = said?.variants?.[index]?.[id];
  if (!about) return notice(said?.refusal ? pick(said.refusal.text) : t("no_answer"), true);
  const view = VIEWS.find((each) => each.id === id);
  const made = explainer(view, said);
  dialog ??= open();
  dialog.show(view, made.element);
  made.begin(about, LETTERS[index]);
}

function open() {
  const body = h("div", { class: "sheet" });
  const element = h("dialog", { class: "wide explain-dialog", "aria-labelledby": "explain-title" }, body);
  element.addEventListener("click", (event) => event.target === element && element.close());
  document.querySelector("#playground").append(element);
  const more = (id) =>
    h("button", {
      class: "plain",
      text: () => t("explain_all"),
      onclick: () => (element.close(), showTab("explainers", { anchor: `#explain-${id}` })),
    });
  function show(view, made) {
    const close = h("button", {
      class: "icon",
      text: "✕",
      "aria-label": () => t("close"),
      onclick: () => element.close(),
    });
    fill(
      body,
      h("div", { class: "sheet-top" }, h("h2", { id: "explain-title", text: view.title }), close),
      h("p", { class: "note", text: view.note }),
      made,
      h("div", {}, more(view.id)),
    );
    if (!element.open) element.showModal();
    made.querySelector("input[type=range]")?.focus({ preventScroll: true });
  }
  return { show };
}
