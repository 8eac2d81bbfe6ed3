// For a lecture: what a shared link opens with, chosen by switches, and the prepared results that need no waiting.

import { h } from "./dom.js";
import { written } from "./flags.js";
import { page } from "./page.js";
import { pick, t } from "./words.js";

const SWITCHES = ["stage", "embed", "autoplay"];

/** The switches; `change(query)` is called with the flags as an address has them. */
export function lecture(change) {
  const flags = { lang: "", hide: [] };
  const tell = () => change(written(flags));
  const lang = h(
    "select",
    { "aria-label": t("flag_lang"), onchange: () => ((flags.lang = lang.value), tell()) },
    [
      ["", t("flag_lang_any")],
      ["en", "English"],
      ["zh", "中文"],
    ].map(([value, text]) => h("option", { value, text })),
  );
  const switches = SWITCHES.map((name) => check(t(`flag_${name}`), false, (on) => ((flags[name] = on), tell())));
  const names = [...panels(), ...page.fields.choices.map((row) => [row.name, pick(row.title)])];
  const shown = names.map(([name, title]) =>
    check(
      title,
      true,
      (on) => ((flags.hide = on ? flags.hide.filter((each) => each !== name) : [...flags.hide, name]), tell()),
    ),
  );
  const what = h(
    "details",
    { class: "lecture-shown" },
    h("summary", { text: t("flag_panels") }),
    h("div", { class: "lecture-row" }, shown),
  );
  const row = h(
    "div",
    { class: "lecture-row" },
    h("label", { class: "lecture-check" }, h("span", { text: t("flag_lang") }), lang),
    switches,
  );
  return h(
    "fieldset",
    { class: "lecture" },
    h("legend", { text: t("share_lecture") }),
    h("p", { class: "note", text: t("share_lecture_note") }),
    row,
    what,
    prepared(),
  );
}

const panels = () =>
  [...document.querySelectorAll("[data-panel]:not([hidden])")].map((card) => [
    card.dataset.panel,
    card.querySelector("h2").textContent,
  ]);

function check(text, checked, change) {
  const input = h("input", { type: "checkbox", checked, onchange: () => change(input.checked) });
  return h("label", { class: "lecture-check" }, input, h("span", { text }));
}

function prepared() {
  if (!page.prepared.length) return null;
  const links = page.prepared.map(({ name, title, says }) =>
    h(
      "li",
      {},
      h("a", { href: `${location.pathname}?run=${name}&stage=1&autoplay=1`, target: "_blank", text: pick(title) }),
      h("span", { class: "note", text: pick(says) }),
    ),
  );
  return h("div", { class: "prepared" }, h("p", { class: "note", text: t("share_prepared") }), h("ul", {}, links));
}
