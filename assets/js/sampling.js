// The options of generated text in a fold, whose summary says what is chosen. Knows neither server nor models.

import { h } from "./dom.js";
import { help } from "./help.js";
import { t } from "./words.js";

const NUMBERS = [
  ["temperature", "0.8", "decimal"],
  ["top_k", "", "numeric", "says_all"],
  ["top_p", "", "decimal", "says_all"],
  ["repetition_penalty", "1", "decimal"],
  ["seed", "0", "numeric"],
];

/** {element, given(), refuse(fields)}: the fold, what was typed by name, and marks for what was refused. */
export function samplingFold() {
  const fields = [...NUMBERS.map(number), stops()];
  // A stop string may begin or end with a space.
  const given = () =>
    Object.fromEntries(fields.map(({ name, input }) => [name, name === "stop" ? input.value : input.value.trim()]));
  const chosen = () => t("says_sampling", { choices: brief(given()).join(" · ") });
  const summary = h("summary", { text: chosen });
  const element = h(
    "details",
    { class: "sampling", oninput: () => (summary.textContent = chosen()) },
    summary,
    h(
      "div",
      { class: "fields" },
      fields.map((each) => each.element),
    ),
  );
  const refuse = (names) => {
    for (const { name, input } of fields) input.setAttribute("aria-invalid", names.includes(name));
    if (fields.some(({ name }) => names.includes(name))) element.open = true;
  };
  return { element, given, refuse };
}

function number([name, value, mode, empty]) {
  const input = h("input", {
    type: "text",
    inputmode: mode,
    value,
    maxlength: "12",
    autocomplete: "off",
    name,
    placeholder: empty && (() => t(empty)),
  });
  return labelled(name, () => t(`says_${name}`), input);
}

function stops() {
  const input = h("textarea", {
    rows: "1",
    maxlength: "1000",
    spellcheck: "false",
    name: "stop",
    placeholder: () => t("says_none"),
  });
  return labelled("stop", () => t("says_stops"), input);
}

function labelled(name, title, input) {
  const element = h("label", { class: "bar-field" }, h("span", { class: "name", text: title }), input);
  return { name, input, element: help(element, () => ({ title: title(), help: t(`says_help_${name}`) })) };
}

// What matters of the choices: greedy text knows no chance, and what is left out is not said.
function brief(chosen) {
  const greedy = Number(chosen.temperature) === 0 && chosen.temperature !== "";
  const drawn = greedy ? [] : ["top_k", "top_p"].filter((name) => chosen[name]);
  const penalty = Number(chosen.repetition_penalty || 1) === 1 ? [] : ["repetition_penalty"];
  const names = [
    greedy ? "greedy" : "temperature",
    ...drawn,
    ...penalty,
    ...(greedy ? [] : ["seed"]),
    ...(chosen.stop ? ["stop"] : []),
  ];
  return names.map((name) => t(`says_brief_${name}`, { value: name === "stop" ? quoted(chosen.stop) : chosen[name] }));
}

const quoted = (lines) =>
  lines
    .split("\n")
    .filter(Boolean)
    .map((line) => `“${line}”`)
    .join(" ");
