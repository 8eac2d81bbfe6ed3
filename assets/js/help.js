// One line of help for whatever is under the pointer or has the focus: title, why · cost · who, formula, citation, what a click does.

import { h } from "./dom.js";

const helps = new WeakMap();
let tip = null;
let shownFor = null;

export function openHelp(root) {
  tip = h("div", { class: "tip", role: "tooltip", id: "playground-tip", hidden: true });
  root.append(tip);
  root.addEventListener("pointerover", (event) => show(event.target.closest("[data-help]")));
  root.addEventListener(
    "focusin",
    (event) => event.target.matches(":focus-visible") && show(event.target.closest("[data-help]")),
  );
  root.addEventListener("focusout", hide);
  root.addEventListener("pointerdown", hide);
  root.addEventListener("click", (event) => show(event.target.closest("[data-help][tabindex]"))); // a tap has no pointer over
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, { passive: true, capture: true });
}

/** `ask` gives {title, help, formula, citation, more} when the help for `element` is to be shown. */
export function help(element, ask) {
  helps.set(element, ask);
  element.dataset.help = "";
  return element;
}

function show(element) {
  if (element === shownFor) return;
  hide();
  const said = element && helps.get(element)?.();
  if (!said || !(said.help || said.formula)) return;
  shownFor = element;
  tip.replaceChildren(...lines(said));
  tip.hidden = false;
  place(element.getBoundingClientRect(), tip.getBoundingClientRect());
  (element.querySelector("input") ?? element).setAttribute("aria-describedby", tip.id);
}

function lines({ title, help: sentence, formula, citation, more }) {
  const parts = [
    [title, "b"],
    [sentence, "span"],
    [formula, "code"],
    [citation, "i"],
    [more, "em"],
  ];
  return parts.filter(([text]) => text).map(([text, tag]) => h(tag, { text }));
}

function place(at, size) {
  const left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
  const below = at.bottom + 8;
  const top = below + size.height < innerHeight ? below : at.top - size.height - 8;
  Object.assign(tip.style, { left: `${left}px`, top: `${Math.max(8, top)}px` });
}

function hide() {
  if (!shownFor) return;
  (shownFor.querySelector("input") ?? shownFor).removeAttribute("aria-describedby");
  shownFor = null;
  tip.hidden = true;
}
