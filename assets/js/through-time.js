// A slider over the steps after which a run's weights were kept. At its end it stays at the end, while more are coming.

import { h } from "./dom.js";
import { exact } from "./numbers.js";
import { t } from "./words.js";

/** {element, show(steps, at)}; `choose(step)` is called with the step the visitor goes to, null at the end. */
export function throughTime(choose) {
  let steps = [];
  const output = h("output");
  const input = h("input", { type: "range", min: "0", step: "1", "aria-label": () => t("maps_step") });
  const element = h(
    "label",
    { class: "warmth through-time", hidden: true },
    h("span", { class: "note", text: () => t("maps_step") }),
    input,
    output,
  );
  const tell = (index) => {
    output.textContent = exact(steps[index]);
    input.setAttribute("aria-valuetext", t("maps_at_step", { step: exact(steps[index]) }));
  };
  input.addEventListener("input", () => {
    const index = Number(input.value);
    tell(index);
    choose(index === steps.length - 1 ? null : steps[index]);
  });
  const show = (there, at) => {
    element.hidden = there.length < 2;
    steps = there;
    if (element.hidden) return;
    const index =
      at === null
        ? steps.length - 1
        : Math.max(
            0,
            steps.findLastIndex((step) => step <= at),
          );
    input.max = String(steps.length - 1);
    input.value = String(index);
    tell(index);
  };
  return { element, show };
}
