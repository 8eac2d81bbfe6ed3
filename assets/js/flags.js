// What an address says beside the experiment: language, what is shown of the page, how large, and whether it plays by itself.
// Read once; kept in the address as long as the page is open, so that a reload shows the same.

import { h } from "./dom.js";
import { t } from "./words.js";

export const NAMES = ["lang", "show", "hide", "embed", "stage", "autoplay"];
const NAME = /^[a-z0-9_-]{1,40}$/;
const [SECONDS, LEAST, MOST] = [12, 3, 120]; // that a replay takes

/** {lang, show, hide, embed, stage, autoplay}: lists of names, switches, and seconds or 0. */
export function read(query) {
  const given = new URLSearchParams(query);
  const list = (name) => (given.get(name) ?? "").split(",").filter(Boolean);
  const seconds = Number(given.get("autoplay") ?? 0);
  return {
    lang: given.get("lang"),
    show: list("show"),
    hide: list("hide"),
    embed: on(given.get("embed")),
    stage: on(given.get("stage")),
    autoplay: seconds === 1 ? SECONDS : seconds > 1 ? Math.min(MOST, Math.max(LEAST, seconds)) : 0,
  };
}

const on = (word) => word != null && !["", "0", "off"].includes(word);

/** As an address holds them: what says nothing is left out. */
export function written({ lang, show = [], hide = [], embed, stage, autoplay }) {
  const words = {
    lang,
    show: show.join(","),
    hide: hide.join(","),
    embed: embed && 1,
    stage: stage && 1,
    autoplay: autoplay && 1,
  };
  return Object.entries(words)
    .filter(([, word]) => word)
    .map(([name, word]) => `${name}=${word}`)
    .join("&");
}

/** The part of this page's own address that is flags, as it came. */
export function ofAddress() {
  const given = new URLSearchParams(location.search);
  return NAMES.filter((name) => given.get(name))
    .map((name) => `${name}=${encodeURIComponent(given.get(name)).replaceAll("%2C", ",")}`)
    .join("&");
}

/** Makes the page as the flags say; the answer is a sentence about names that mean nothing here. */
export function apply(flags, root, { axes, panels }) {
  root.classList.toggle("embed", flags.embed);
  root.classList.toggle("stage", flags.stage);
  const known = [...axes, ...panels];
  const unknown = [...flags.show, ...flags.hide].filter((name) => !known.includes(name));
  const only = (all) =>
    flags.show.some((name) => all.includes(name)) ? all.filter((name) => !flags.show.includes(name)) : [];
  const gone = new Set(
    [...only(axes), ...only(panels), ...flags.hide].filter((name) => known.includes(name) && NAME.test(name)),
  );
  const rules = [...gone].map((name) =>
    axes.includes(name)
      ? `#playground .axis[data-axis="${name}"], #playground tr[data-axis="${name}"]`
      : `#playground [data-panel="${name}"]`,
  );
  if (rules.length) root.append(h("style", { text: `${rules.join(",\n")} { display: none !important; }` }));
  return unknown.length
    ? t("flags_unknown", { names: unknown.slice(0, 5).join(", ").slice(0, 80), known: known.join(", ") })
    : "";
}
