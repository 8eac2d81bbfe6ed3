// Cost: predicted beside measured, the roofline of this machine and of named accelerators, shares of FLOPs against shares of time.

import { chart } from "../charts.js";
import { machine, places, roofline, said, shares, words } from "../cost-pictures.js";
import { costs } from "../costs.js";
import { fill, h } from "../dom.js";
import { letterOf } from "../letters.js";
import { bytes, exact, instant, short } from "../numbers.js";
import { segments } from "../segments.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 5.5;
export const wide = true;
export const title = () => t("cost");
export const note = () => t("cost_note");
export const suits = () => true;

const QUANTITIES = [
  ["parameters", exact, (of) => of.parameters],
  ["flops", short, (of) => of.flops],
  ["state", bytes, (of) => of.state_bytes],
  ["activations", bytes, (of) => of.activation_bytes],
  ["cache", bytes, (of) => of.cache_bytes],
  ["training", instant, (of) => seconds(of, "training")],
  ["prefill", instant, (of) => seconds(of, "prefill")],
  ["decode", instant, (of) => seconds(of, "decode")],
];
const chosen = { machine: "h100", size: "full", attention: "apart" };

const seconds = (of, activity) => of.seconds?.[activity]?.median ?? of.seconds?.[activity];

export function mount(body) {
  const start = h("button", { class: "primary", onclick: () => costs.press({ again: Boolean(costs.found()) }) });
  const says = h("p", { class: "note", role: "status" });
  const table = h("div", { class: "data-table cost-table" });
  const roofs = h("div", { class: "chart" });
  const parts = h("div", { class: "chart" });
  const picker = h("select", {
    "aria-label": () => t("cost_machine"),
    onchange: () => ((chosen.machine = picker.value), renew()),
  });
  const cited = h("p", { class: "note" });
  const lines = h("ul", { class: "sentences" });
  const normal = h("ul", { class: "sentences" });
  const sizes = one("size", ["full", "chosen"], renew);
  const left = h(
    "section",
    {},
    h("h3", { text: () => t("cost_roofline") }),
    h("div", { class: "switches" }, picker, sizes.element),
    roofs,
    cited,
    h("p", { class: "note", text: () => t("cost_symbols") }),
    lines,
  );
  const right = h(
    "section",
    {},
    h("h3", { text: () => t("cost_shares") }),
    h("div", { class: "switches" }, one("attention", ["apart", "fused"], renew).element),
    parts,
    h("p", { class: "note", text: () => t("cost_shares_note") }),
    normal,
  );
  body.append(
    h("div", { class: "measured" }, h("div", { class: "asking" }, start, says)),
    table,
    h("div", { class: "cost-pictures" }, left, right),
  );
  const drawn = [chart(roofs, () => roofline(chosen)), chart(parts, () => shares(chosen))];
  let before = null;

  function renew() {
    if (costs.found() && !before) Object.assign(chosen, { machine: "here", size: "chosen" }); // what was just measured is shown
    if (!before !== !costs.found()) sizes.show(chosen.size);
    before = costs.found();
    start.disabled = costs.going() || !costs.said;
    start.textContent = t(costs.going() ? "measured_running" : costs.found() ? "measured_again" : "measured_start");
    says.textContent = state();
    fill(picker, machines());
    picker.value = chosen.machine;
    const roof = machine(chosen.machine);
    cited.textContent = roof
      ? t(chosen.machine === "here" ? "cost_rates_here" : "cost_rates", {
          flops: short(roof.flops),
          bandwidth: short(roof.bandwidth),
          cached: short(roof.cached ?? 0),
          needs: short(roof.flops / roof.bandwidth),
          citation: roof.citation ?? "",
        })
      : "";
    fill(table, costs.said ? tabulated() : []);
    fill(
      lines,
      places(chosen).map((place) => h("li", { "data-letter": letterOf(place.variant), text: words(place) })),
    );
    fill(
      normal,
      said(chosen.attention).map((text, variant) => h("li", { "data-letter": letterOf(variant), text })),
    );
    for (const { draw } of drawn) draw();
  }
  costs.listen(renew);
  onLanguage(renew);
  renew();
  return { update: () => {} };
}

const machines = () => [
  h("option", { value: "here", text: t("cost_here") }),
  ...(costs.said?.accelerators ?? []).map(({ id, name }) => h("option", { value: id, text: name })),
];

function one(name, values, renew) {
  const words = values.map((value) => ({ value, text: () => t(`cost_${name}_${value}`) }));
  const choose = (value) => {
    chosen[name] = value;
    renew();
  };
  return segments({ label: () => t(`cost_${name}`), words, chosen: chosen[name], choose });
}

function state() {
  const { said: answer, pressed } = costs;
  if (!answer) return t("cost_cannot");
  const { state: now, reason } = answer.made ?? {};
  if (pressed || now === "queued") return t("measured_queued");
  if (now === "running") return t("cost_measuring");
  if (now && now !== "finished") return pick(reason) || t("measured_failed");
  return now
    ? t("cost_how", { processor: costs.found().machine.processor, rounds: costs.found().rounds, batch: answer.batch })
    : t("cost_what");
}

/** A row a quantity; for every variant what was predicted, and what was measured where it was. */
function tabulated() {
  const { predicted, titles } = costs.said;
  const measured = costs.found()?.variants ?? [];
  const name = (variant) => `${letterOf(variant)} ${pick(titles[variant])}`;
  const top = h(
    "tr",
    {},
    h("td", {}),
    titles.map((_, variant) =>
      h("th", {
        scope: "colgroup",
        colspan: "2",
        "data-letter": letterOf(variant),
        class: "in-colour",
        text: name(variant),
      }),
    ),
  );
  const under = h(
    "tr",
    {},
    h("td", {}),
    titles.flatMap(() => ["cost_predicted", "cost_measured"].map((key) => h("th", { scope: "col", text: t(key) }))),
  );
  const rows = QUANTITIES.map(([quantity, write, read]) =>
    h(
      "tr",
      { "data-quantity": quantity },
      h("th", { scope: "row", text: t(`cost_of_${quantity}`) }),
      predicted.flatMap((of, variant) =>
        [of, measured[variant]].map((each, index) => h("td", { text: cell(each, read, write, quantity, index) })),
      ),
    ),
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0" },
    h("table", { "aria-label": t("cost_table") }, h("thead", {}, top, under), h("tbody", {}, rows)),
  );
}

function cell(of, read, write, quantity, index) {
  const value = of && read(of);
  if (value == null) return "–";
  return index === 0 && of.seconds && ["training", "prefill", "decode"].includes(quantity)
    ? `≥ ${write(value)}`
    : write(value);
}
