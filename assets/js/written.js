// One variant's text as it is written: renewed in place, so that nothing jumps and what was scrolled to stays. Knows no server.

import { placeholder } from "./compared.js";
import { fill, h } from "./dom.js";
import { instant, short } from "./numbers.js";
import { ran } from "./ran.js";
import { pick, t } from "./words.js";

const NEAR = 24; // px from the end of a text within which it is followed

/** {element, update(said)}, where `said` is what the server said about this variant, and `prompt`. */
export function writtenText() {
  const speed = h("p", { class: "in-colour speed" });
  const [beginning, rest] = [h("span", { class: "prompt" }), h("span")];
  const text = h("p", { class: "generated", tabindex: "0" }, beginning, rest);
  const ending = h("div", { class: "ending" });
  const element = h("div", {}, speed, text, ending);
  let shown = null;

  function update(said) {
    if (said.refusal) return void fill(element, placeholder(pick(said.refusal.text), "generated"));
    const follows = text.scrollHeight - text.scrollTop - text.clientHeight < NEAR;
    speed.textContent = said.waiting ? t("says_waiting", { before: said.waiting }) : how(said);
    const strange = (said.unknown ?? []).join("");
    if (shown !== strange) fill(beginning, read(said.prompt, (shown = strange)));
    rest.textContent = said.text ?? "";
    fill(
      ending,
      notes(said).map((note) => h("p", { class: "note", text: note })),
    );
    if (follows) text.scrollTop = text.scrollHeight;
  }
  return { element, update };
}

function how(said) {
  if (!said.tokens) return "";
  const numbers = { tokens: said.tokens, speed: short(said.speed), first: instant(said.first, 2) };
  return t("says_speed", { ...numbers, ran: ran(said) }) + guessed(said);
}

// Where guesses were right, so that nobody takes a lucky text for a fast architecture.
const guessed = ({ tokens, steps }) =>
  steps ? ` · ${t("says_per_step", { tokens: ((tokens - 1) / steps).toFixed(2) })}` : "";

const notes = ({ stop, unknown }) =>
  [pick(stop), unknown?.length ? t("panel_unknown", { characters: unknown.slice(0, 12).join(" ") }) : ""].filter(
    Boolean,
  );

// The beginning as it was typed; what the model reads as another character is marked.
function read(prompt, strange) {
  const mark = (character) => h("mark", { class: "unknown", title: () => t("says_unknown"), text: character });
  return [...prompt].map((character) => (strange.includes(character) ? mark(character) : character));
}
