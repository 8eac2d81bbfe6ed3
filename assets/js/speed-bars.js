// Tokens a second of every variant as bars: while training, decoding with torch, decoding the exported file.

import { nameOf } from "./compared.js";
import { letterOf } from "./letters.js";
import { fill, h } from "./dom.js";
import { short } from "./numbers.js";
import { page } from "./page.js";
import { onTrained, trained } from "./trained.js";
import { onLanguage, t } from "./words.js";

// Training counts whole batches and has a scale of its own; the two ways of decoding share one.
const SCALES = [["training"], ["torch", "onnx"]];
const FEWEST = 3; // stretches between points from which on a median means something

/** Fills `host`; returns what shows it anew. */
export function mountBars(host) {
  const show = () => fill(host, SCALES.flatMap(scale));
  onTrained(show);
  onLanguage(show);
  show();
  return show;
}

function scale(names) {
  const variants = page.results?.variants.length ? page.results.variants.map((_, variant) => variant) : [0, 1];
  const measured = names.map((name) =>
    variants.map((variant) => (name === "training" ? training(variant) : decoding(variant, name))),
  );
  const highest = Math.max(0, ...measured.flat().map((speed) => speed?.high ?? 0));
  return names.map((name, index) => group(name, variants, measured[index], highest));
}

function group(name, variants, speeds, highest) {
  const rows = variants.map((variant, index) => bar(variant, speeds[index], highest));
  const heading = h(
    "h3",
    {},
    h("span", { text: t(`speed_${name}`) }),
    h("span", { class: "note", text: setting(name, speeds.find(Boolean)) }),
  );
  return h("section", { class: "bar-group", "data-speed": name }, heading, rows);
}

function bar(variant, speed, highest) {
  const letter = letterOf(variant);
  const share = (number) => `${(100 * number) / highest}%`;
  const drawn = speed && [
    h("i", { class: "filled", style: `width: ${share(speed.median)}` }),
    h("i", { class: "whisker", style: `left: ${share(speed.low)}; width: ${share(speed.high - speed.low)}` }),
  ];
  const words =
    speed &&
    t("speed_words", {
      letter,
      name: nameOf(variant),
      median: short(speed.median),
      low: short(speed.low),
      high: short(speed.high),
    });
  return h(
    "div",
    { class: "speed-row", "data-letter": letter, title: words },
    h("span", { class: "in-colour", text: letter, "aria-hidden": "true" }),
    h("span", { class: "track", role: "img", "aria-label": words || t("speed_unmeasured", { letter }) }, drawn),
    h("b", { text: speed ? short(speed.median) : "–" }),
  );
}

function setting(name, speed) {
  if (!speed) return t(name === "training" ? "speed_training_missing" : "speed_decoding_missing");
  if (!page.results.live) return t("speed_training_shipped");
  if (name !== "training") return t("speed_decoding_setting", speed);
  const { batch, context, threads } = trained.setting ?? {};
  return batch && trained.id === page.results?.id
    ? t("speed_training_setting", { batch, context, threads })
    : t("speed_training_whisker");
}

function decoding(variant, name) {
  const made = trained.id === page.results?.id && trained.variants.find((each) => each.variant === variant)?.export;
  const speed = made?.decode?.[name];
  return speed ? { ...speed, threads: made.decode.threads, repeats: made.decode.repeats } : null;
}

/** The speed between the points of the curves: its median, and the middle 80 % of it. */
function training(variant) {
  const runs = (page.results?.runs ?? []).filter((run) => run.variant === variant);
  const speeds = runs.flatMap(({ curve }) =>
    curve.tokens.slice(1).flatMap((tokens, index) => {
      const seconds = curve.seconds[index + 1] - curve.seconds[index];
      return seconds > 0 ? [(tokens - curve.tokens[index]) / seconds] : [];
    }),
  );
  if (speeds.length < FEWEST) return null;
  speeds.sort((a, b) => a - b);
  const at = (share) => speeds[Math.round(share * (speeds.length - 1))];
  return { median: at(0.5), low: at(0.1), high: at(0.9) };
}
