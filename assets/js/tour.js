// A short tour of the page: offered on the first visit, skipped by one press, back by the button in the header.

import { fill, h } from "./dom.js";
import { page } from "./page.js";
import { showTab } from "./tabs.js";
import { t } from "./words.js";

const KEY = "playground.toured";
const STOPS = [
  ["tries", ".tries"],
  ["choose", ".variants"],
  ["train", ".bar"],
  ["verdict", ".verdict"],
  ["panels", ".results"],
  ["tabs", ".nav"],
];

let card = null;
let at = 0;
let before = null; // what had the focus

/** The header's button that starts the tour. */
export const tourButton = () =>
  h("button", {
    class: "icon tour-button",
    text: "?",
    "aria-label": () => t("tour"),
    title: () => t("tour"),
    onclick: begin,
  });

/** The invitation of a first visit; null for whoever has answered it. */
export function invitation() {
  if (localStorage.getItem(KEY)) return null;
  const strip = h(
    "p",
    { class: "tour-offer" },
    h("span", { text: () => t("tour_offer") }),
    h("button", { text: () => t("tour_begin"), onclick: () => (begin(), strip.remove()) }),
    h("button", { class: "plain", text: () => t("tour_skip"), onclick: () => (answered(), strip.remove()) }),
  );
  return strip;
}

const answered = () => localStorage.setItem(KEY, "1");

function begin() {
  answered();
  document.querySelector(".tour-offer")?.remove();
  before = document.activeElement;
  if (page.tab !== "compare") showTab("compare");
  card ??= made();
  at = 0;
  stop(0);
}

function made() {
  const element = h("div", { class: "tour", role: "dialog", "aria-labelledby": "tour-title", tabindex: "-1" });
  element.addEventListener("keydown", (event) => {
    const step = { Escape: "end", ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === "end") end();
    else if (step) stop(at + step);
  });
  document.querySelector("#playground").append(element);
  return element;
}

// Shows stop number `n`, past places that this page does not have now.
function stop(n) {
  const there = STOPS.filter(([, selector]) => document.querySelector(selector)?.offsetParent);
  at = Math.max(0, n);
  if (at >= there.length) return end();
  const [name, selector] = there[at];
  unmark();
  const target = document.querySelector(selector);
  target.classList.add("toured");
  target.scrollIntoView({ block: target.offsetHeight > innerHeight / 2 ? "start" : "center", behavior: "instant" });
  const last = at === there.length - 1;
  const next = h("button", {
    class: "primary",
    text: t(last ? "tour_done" : "tour_next"),
    onclick: () => stop(at + 1),
  });
  const back = h("button", { text: t("tour_back"), disabled: at === 0, onclick: () => stop(at - 1) });
  const skip = h("button", { class: "plain", text: t("tour_skip"), hidden: last, onclick: end });
  fill(
    card,
    h("h2", { id: "tour-title", text: t(`tour_${name}`) }),
    h("p", { text: t(`tour_${name}_text`) }),
    h(
      "div",
      { class: "row" },
      next,
      back,
      skip,
      h("span", { class: "note tour-count", text: `${at + 1} / ${there.length}` }),
    ),
  );
  card.hidden = false;
  place(target.getBoundingClientRect());
  next.focus({ preventScroll: true });
}

// Below its place where there is room, else above, else at the bottom of the window.
function place(at) {
  const { offsetHeight: height, offsetWidth: width } = card;
  const below = at.bottom + 12;
  const top =
    below + height < innerHeight ? below : at.top - height - 12 > 0 ? at.top - height - 12 : innerHeight - height - 16;
  Object.assign(card.style, { top: `${top}px`, left: `${Math.max(8, Math.min(at.left, innerWidth - width - 16))}px` });
}

const unmark = () => document.querySelectorAll(".toured").forEach((element) => element.classList.remove("toured"));

function end() {
  unmark();
  card.hidden = true;
  before?.focus?.();
}
