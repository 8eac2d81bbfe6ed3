// The source of a variant in a dialog, or two beside each other with what differs marked; on a phone one below the other.

import { nameOf } from "./naming.js";
import { copy } from "./clipboard.js";
import { fill, h } from "./dom.js";
import { LETTERS, page } from "./page.js";
import { saveAs } from "./saving.js";
import { ask, latest } from "./server.js";
import { onLanguage, pick, t } from "./words.js";

const NEAR = 3; // equal lines that stay beside a difference
const LONGEST = 10; // a longer run of equal lines is folded

let dialog = null; // one for the whole page: {element, show(chosen)}

/** Shows the source of the variants with these one or two indices. */
export function showCode(...chosen) {
  dialog ??= open();
  dialog.show(chosen.filter((index) => index < page.variants.length));
}

function open() {
  const choices = h("div", { class: "seg many", role: "group", "aria-label": () => t("code_show") });
  const shown = h("div", { class: "code" });
  const close = h("button", {
    class: "icon",
    text: "✕",
    "aria-label": () => t("close"),
    onclick: () => element.close(),
  });
  const top = h(
    "div",
    { class: "sheet-top" },
    h("h2", { id: "code-title", text: () => t("code") }),
    h(
      "div",
      { class: "code-choice" },
      choices,
      h("span", { class: "note", text: () => (page.variants.length > 1 ? t("code_hint") : "") }),
    ),
    close,
  );
  const element = h("dialog", { class: "code-sheet", "aria-labelledby": "code-title" }, top, shown);
  element.addEventListener("click", (event) => event.target === element && element.close());
  document.querySelector("#playground").append(element);
  let chosen = [];
  let said = null;
  const load = latest(
    (variants) => ask("source", { variants }),
    (answer) => {
      said = answer;
      draw();
    },
  );

  function choose(index, on) {
    const others = chosen.filter((each) => each !== index);
    if (on) show([...others.slice(-1), index]);
    else show(others.length ? others : chosen); // one always stays
  }

  function show(now) {
    chosen = [...now].sort();
    const boxes = page.variants.map((variant, index) => box(index, variant));
    fill(choices, boxes);
    if (!element.open) element.showModal();
    load(chosen.map((index) => page.variants[index]));
  }

  function box(index, variant) {
    const input = h("input", {
      type: "checkbox",
      checked: chosen.includes(index),
      onchange: () => choose(index, input.checked),
    });
    return h(
      "label",
      { "data-letter": LETTERS[index] },
      input,
      h("span", { text: `${LETTERS[index]} ${nameOf(variant)}` }),
    );
  }

  function draw() {
    shown.classList.toggle("two", chosen.length === 2);
    if (!said || said.refusal)
      return fill(
        shown,
        h("p", { class: "refusal", role: "alert", text: said ? pick(said.refusal.text) : t("no_answer") }),
      );
    const heads = said.files.map((file, side) => head(file, chosen[side]));
    fill(
      shown,
      h("div", { class: "code-heads" }, heads),
      h(
        "div",
        { class: "code-lines", tabindex: "0", role: "region", "aria-labelledby": "code-title" },
        lines(said.rows, chosen),
      ),
    );
  }

  onLanguage(() => element.open && draw());
  return { element, show };
}

function head(file, index) {
  const button = h("button", { text: t("code_copy"), onclick: () => copied(button, file.text) });
  const saved = h("button", { text: t("code_download"), onclick: () => saveAs(file.name, file.text, "text/x-python") });
  return h(
    "div",
    { class: "code-head", "data-letter": LETTERS[index] },
    h("span", { class: "tag", text: LETTERS[index], "aria-hidden": "true" }),
    h("b", { text: file.name }),
    button,
    saved,
  );
}

async function copied(button, text) {
  const done = await copy(text).then(
    () => "copied",
    () => "code_not_copied",
  );
  button.textContent = t(done);
  setTimeout(() => (button.textContent = t("code_copy")), 1600);
}

// The lines, those that are equal in both files folded where there are many of them in a row.
function lines(rows, chosen) {
  if (chosen.length < 2) return rows.map((row) => line(row, chosen));
  const found = [];
  for (let start = 0; start < rows.length;) {
    let end = start;
    while (end < rows.length && rows[end].same === rows[start].same) end++;
    const some = rows.slice(start, end).map((row) => line(row, chosen));
    const [first, last] = [start === 0 ? 0 : NEAR, end === rows.length ? 0 : NEAR];
    if (!rows[start].same) found.push(h("div", { class: "code-run" }, some));
    else found.push(...(some.length > LONGEST ? folded(some, first, last) : some));
    start = end;
  }
  return found;
}

function folded(some, first, last) {
  const hidden = some.slice(first, some.length - last);
  const button = h("button", {
    class: "code-fold",
    text: t("code_equal", { count: hidden.length }),
    onclick: () => button.replaceWith(...hidden),
  });
  return [...some.slice(0, first), button, ...some.slice(some.length - last)];
}

function line(row, chosen) {
  const sides = chosen.map((index, side) => {
    const there = row.same ? row.left : side ? row.right : row.left;
    const number = row.same && side ? "" : (there?.number ?? "");
    return h(
      "code",
      { class: there ? "" : "absent", "data-letter": LETTERS[index], "data-number": number },
      there?.parts.map(stretch),
    );
  });
  return h("div", { class: row.same ? "code-line" : "code-line changed" }, sides);
}

const stretch = ([text, kind, changed]) =>
  kind || changed ? h("span", { class: `${kind} ${changed ? "differs" : ""}`.trim(), text }) : text;
