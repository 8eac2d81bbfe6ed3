// Everything about one system, in a dialog that has an address of its own: what a wide table cannot show on a phone.

import { fill, h } from "./dom.js";
import { keepAddress } from "./describing.js";
import { exact } from "./numbers.js";
import { page } from "./page.js";
import { putting } from "./putting.js";
import { told } from "./systems-table.js";
import { onLanguage, pick, t } from "./words.js";

export function openSheet(systems, columns) {
  const rows = new Map(systems.map((row) => [row.id, row]));
  const body = h("div", { class: "sheet" });
  const dialog = h("dialog", { class: "wide", "aria-labelledby": "sheet-title" }, body);
  dialog.addEventListener("close", () => put(""));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.querySelector("#playground").append(dialog);
  let shown = null;

  function put(anchor) {
    if (!dialog.open) shown = null;
    page.anchor = anchor;
    keepAddress();
  }

  function show(id) {
    shown = rows.get(id) ?? null;
    if (!shown) return dialog.open && dialog.close();
    draw();
    if (!dialog.open) dialog.showModal();
    put(`#${id}`);
    dialog.scrollTop = 0;
  }

  const draw = () =>
    shown &&
    fill(
      body,
      content(shown, columns, () => dialog.close()),
    );
  onLanguage(draw);
  return { show };
}

function content(row, columns, close) {
  const parts = columns.flatMap((column) => row.cells[column.name].parts);
  const top = h(
    "div",
    { class: "sheet-top" },
    h("h2", { id: "sheet-title", text: row.name }),
    h("button", { class: "icon", text: "✕", "aria-label": t("close"), onclick: close }),
  );
  return [
    top,
    h("p", { class: "note", text: [row.year, row.maker, row.size, pick(row.reading.title)].join(" · ") }),
    h("p", { text: row.citation }),
    row.left_out && h("p", { class: "warned", text: pick(row.left_out) }),
    h("div", { class: "row" }, h("span", { class: "note", text: t("systems_put_row") }), putting(row).element),
    row.parameters != null && facts(row),
    ...row.notes.map((note) => h("p", { text: pick(note) })),
    h("dl", { class: "choices" }, parts.map(choice)),
  ];
}

function facts(row) {
  const numbers = h(
    "p",
    {},
    h("b", { text: exact(row.parameters) }),
    ` ${t("systems_full_parameters")} · `,
    h("b", { text: exact(row.twin_parameters) }),
    ` ${t("systems_twin_parameters")}`,
  );
  const rounded =
    row.rounded.length > 0 &&
    h("p", { class: "note", text: t("rounded", { what: row.rounded.map(pick).join(t("list_join")) }) });
  return h("div", { class: "numbers-line" }, numbers, rounded);
}

const choice = (part) =>
  h(
    "div",
    {},
    h("dt", { text: pick(part.title) }),
    h("dd", {}, h("span", { text: told(part) }), part.source && h("span", { class: "note", text: pick(part.source) })),
  );
