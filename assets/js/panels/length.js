// Length: the loss of every trained variant by position, up to eight times what it was trained at; measured on request.

import { chart } from "../charts.js";
import { nothingYet } from "../compared.js";
import { fill, h } from "../dom.js";
import { picture, tabulated } from "../length-picture.js";
import { hueIn, letterIn } from "../letters.js";
import { notice } from "../notices.js";
import { bring, page, training } from "../page.js";
import { ask } from "../server.js";
import { startTraining } from "../training.js";
import { ready, trained } from "../trained.js";
import { isGoing, trainedJobs } from "../trained-jobs.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 3.7;
export const wide = true;
export const title = () => t("length");
export const note = () => t("length_note");
export const suits = () => true;

export function mount(body) {
  let wanted = null; // the experiment with all positions, which reads on as soon as it is trained
  const { state, press } = trainedJobs("beyond", "measure_beyond", () => {
    show();
    if (wanted !== trained.id || training() || !ready().length) return;
    wanted = null;
    press();
  });
  const start = h("button", { class: "primary", onclick: press });
  const every = h("button", {
    text: () => t("length_every"),
    title: () => t("length_every_help"),
    onclick: async () => (wanted = await trainEvery()),
  });
  const box = h("input", { type: "checkbox", checked: true, onchange: () => show() });
  const scalings = h("label", { class: "check" }, box, h("span", { text: () => t("length_scalings") }));
  const says = h("p", { class: "note", role: "status" });
  const area = h("div", { class: "chart" });
  const findings = h("ul", { class: "sentences" });
  const table = h(
    "details",
    { class: "data-table" },
    h("summary", { text: () => t("length_table") }),
    h("div", { class: "scroll", tabindex: "0" }),
  );
  body.append(
    h(
      "div",
      { class: "measured length" },
      h("div", { class: "asking" }, start, every, scalings, says),
      area,
      findings,
      table,
    ),
  );
  const drawn = chart(area, () =>
    picture(lines(state, box.checked), t(ready().length || training() ? "length_nothing" : "length_untrained")),
  );

  const show = () => {
    const busy = state.pressed || state.variants.some(isGoing);
    start.disabled =
      busy || training() || !ready().length || !state.variants.some(({ made }) => made?.state !== "finished");
    start.textContent = t(busy ? "length_running" : "length_start");
    every.disabled = training() || busy;
    scalings.hidden = !measured(state).some(({ found }) => found.lines.length > 1);
    says.textContent = inWords(state, busy);
    fill(findings, told(state));
    table.hidden = !measured(state).length;
    fill(table.lastChild, tabulated(lines(state, box.checked)));
    drawn.draw();
  };

  onLanguage(show);
  show();
  return { update: () => ready().length || show() };
}

// One model with every position option takes the place of what is chosen, is trained, and then reads on.
async function trainEvery() {
  const said = await ask("every_position").catch(() => null);
  if (said) {
    bring(said);
    await startTraining();
  } else notice(t("no_answer"), true);
  return said && (page.results?.id ?? null);
}

/** The variants that have read on. */
const measured = ({ variants }) =>
  variants.flatMap(({ variant, made }) =>
    made?.found ? [{ variant, found: made.found, sentence: made.sentence }] : [],
  );

const nameOf = (variant) => {
  const { name, hue } = page.results?.variants[variant] ?? {};
  return hue ? name : `${letterIn(page.results, variant)} ${name}`;
};

/** A line for every variant as trained, and for every way to slow its RoPE. */
function lines(state, scalings) {
  if (!page.results || state.id !== page.results.id) return [];
  return measured(state).flatMap(({ variant, found }) =>
    found.lines
      .filter(({ scaling }) => scalings || scaling === "none")
      .map((line) => ({
        ...line,
        variant,
        context: found.context,
        ends: found.stopped === "positions",
        name: nameOf(variant),
      })),
  );
}

function inWords(state, busy) {
  const [first] = measured(state);
  if (first && !busy) return t("length_how", first.found);
  return nothingYet(t("length_what")) ?? t(busy ? "length_working" : "length_ask");
}

function told(state) {
  if (!page.results || state.id !== page.results.id) return [];
  return state.variants.flatMap((each) => {
    const { variant, made } = each;
    if (!made || isGoing(each)) return [];
    const letter = hueIn(page.results, variant).toUpperCase();
    if (made.state !== "finished")
      return [
        h("li", {
          class: "refusal",
          "data-letter": letter,
          text: `${nameOf(variant)}${t("colon")}${pick(made.reason) || t("length_failed")}`,
        }),
      ];
    const short =
      made.found.stopped && made.found.stopped !== "positions"
        ? ` ${t(`length_stopped_${made.found.stopped}`, made.found)}`
        : "";
    return [
      h("li", { "data-letter": letter, text: pick(made.sentence).replaceAll("{name}", nameOf(variant)) + short }),
    ];
  });
}
