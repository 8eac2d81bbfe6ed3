// Experiments of the history on common axes: a colour each, a dash for each of its variants, and the same as a table.

import { chart, colour, faded } from "./charts.js";
import { X, lines } from "./curves.js";
import { dataTable } from "./data-table.js";
import { fill, h } from "./dom.js";
import { figure, short } from "./numbers.js";
import { LETTERS, listen, page } from "./page.js";
import { ask } from "./server.js";
import { one } from "./switches.js";
import { shaped } from "./training.js";
import { onLanguage, pick, t } from "./words.js";

const DASHES = ["solid", "dash", "dot", "dashdot"];

/** The card of the chart: {element, show(ids, open)}; it is shown once it was opened, until nothing is left in it. */
export function pastChart(leave) {
  const state = { ids: [], views: [], notes: [] };
  const area = h("div", { class: "chart" });
  const notes = h("div", { class: "past-notes", role: "status" });
  const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": () => t("past_table") });
  const head = h("div", { class: "past-head" }, h("h3", { text: () => t("past_together") }), one("x", X, "x_axis"));
  const element = h(
    "section",
    { class: "card past-together", hidden: true, "aria-label": () => t("past_together") },
    head,
    notes,
    area,
    table,
  );
  const drawn = chart(area, () => described(state.views), "past");
  const renew = () => {
    fill(
      notes,
      state.notes.map((note) => h("p", { class: "refusal", text: pick(note) })),
    );
    fill(table, ends(state.views, leave));
    drawn.draw();
  };

  async function show(ids, open = false) {
    state.ids = ids;
    element.hidden = !ids.length || (element.hidden && !open);
    if (element.hidden) return;
    if (open) element.scrollIntoView({ block: "nearest" });
    const said = await ask("across", { ids }).catch(() => null);
    if (ids !== state.ids || !said) return; // others were chosen meanwhile
    if (said.refusal) return void fill(notes, h("p", { class: "refusal", text: pick(said.refusal.text) }));
    Object.assign(state, {
      views: said.views.map((view) => ({ ...shaped(view, false), title: view.title, data: view.data })),
      notes: said.notes,
    });
    renew();
  }

  listen("shown", () => !element.hidden && drawn.draw());
  onLanguage(renew);
  return { element, show };
}

function described(views) {
  return {
    traces: views.flatMap(curves),
    layout: {
      hovermode: "closest",
      xaxis: { title: t(`x_${page.shown.x}`), rangemode: "tozero" },
      yaxis: { title: t("past_loss") },
    },
    summary: `${t("past_together")}${t("colon")}${views
      .map(
        (view, place) =>
          `${place + 1} ${pick(view.title)} ${rows(view)
            .map(({ loss }) => figure(loss))
            .join(" / ")}`,
      )
      .join("; ")}`,
    empty: views.some((view) => curves(view, 0).length) ? null : t("no_points_yet"),
  };
}

function curves(view, place) {
  const hue = colour("abcd"[place]);
  return lines(view, "val_loss", page.shown.x)
    .filter(({ kind }) => kind === "mean")
    .map(({ variant, x, y }) => ({
      type: "scatter",
      mode: "lines",
      x,
      y,
      name: `${place + 1} ${view.variants[variant].name}`,
      showlegend: !view.form,
      line: {
        color: view.form ? faded(hue, 0.4) : hue,
        width: view.form ? 1.2 : 2,
        dash: view.form ? "solid" : (DASHES[variant] ?? "dot"),
      },
      hovertemplate: `%{y:.4g}<extra>${place + 1} ${LETTERS[variant] ?? ""}</extra>`,
    }));
}

const mean = (numbers) => (numbers.length ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : null);

// Every variant's mean over its finished seeds.
function rows(view) {
  return view.variants.map((variant, index) => {
    const ended = view.runs.filter((run) => run.variant === index && run.state === "finished");
    const of = (name) => mean(ended.map((run) => run[name]).filter((value) => value != null));
    return {
      name: variant.name,
      loss: of("val_loss"),
      bits: of("bits_per_byte"),
      tokens: Math.max(0, ...ended.map((run) => run.tokens)),
      seeds: ended.length,
    };
  });
}

function ends(views, leave) {
  const columns = [
    "past_experiment",
    "past_variant",
    "past_data",
    "past_tokens",
    "past_seeds",
    "past_loss",
    "past_bits",
  ];
  const body = views.flatMap((view, place) => {
    const name = h(
      "th",
      { scope: "rowgroup", rowspan: view.variants.length },
      h("span", { class: "tag", "data-letter": LETTERS[place], text: place + 1 }),
      " ",
      h("button", {
        class: "plain",
        text: t("past_leave"),
        "aria-label": `${t("past_leave")}${t("colon")}${pick(view.title)}`,
        onclick: () => leave(view.id),
      }),
    );
    return rows(view).map((row, index) =>
      h(
        "tr",
        {},
        index === 0 && name,
        h("td", { text: row.name }),
        [view.data, short(row.tokens), row.seeds, figure(row.loss), figure(row.bits)].map((text) => h("td", { text })),
      ),
    );
  });
  return dataTable(columns, body, { class: "past-table" });
}
