// Numbers as people write and read them: 300 k, 1.64 M, 4,096 B, 12 s. The units are the same in both languages.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const STEPS = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** 818176 → "818,176". */
export const exact = (number) => (number == null ? "–" : whole.format(number));

/** 1640000 → "1.64 M": three digits and a unit. */
export function short(number, digits = 3) {
  if (number == null || !Number.isFinite(number)) return "–";
  const [size, unit] = STEPS.find(([limit]) => Math.abs(number) >= limit) ?? [1, ""];
  return `${+(number / size).toPrecision(digits)}${unit && ` ${unit}`}`;
}

/** 8030261248 → "8.03 B": parameters of published models, as everybody counts them. */
export const billions = (number) => short(number).replace("G", "B");

/** 39845888 → "38 MB"; below 10 kB exact bytes. */
export function bytes(number) {
  if (number == null) return "–";
  if (number < 10000) return `${exact(number)} B`;
  const power = Math.min(4, Math.floor(Math.log(number) / Math.log(1024)));
  return `${+(number / 1024 ** power).toPrecision(3)} ${["B", "kB", "MB", "GB", "TB"][power]}`;
}

/** 75 → "1:15", 11.3 → "11 s". */
export function duration(seconds) {
  if (seconds == null || !Number.isFinite(seconds)) return "–";
  const round = Math.max(0, Math.round(seconds));
  if (round < 100) return `${round} s`;
  const [hours, minutes] = [Math.floor(round / 3600), Math.floor(round / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(round % 60)}` : `${minutes}:${two(round % 60)}`;
}

/** 0.00341 → "3.41 ms". */
export const instant = (seconds, digits = 3) =>
  seconds < 1 ? `${short(1000 * seconds, digits)} ms` : `${short(seconds)} s`;

/** "300 k" → "300000", "1.5M" → "1500000"; what is no such number is returned as it is, for the server to refuse. */
export function expand(text) {
  const match = /^\s*([\d.,]+(?:e[+-]?\d+)?)\s*([kmg]?)\s*$/i.exec(text);
  if (!match) return text.trim();
  const number = Number(match[1].replaceAll(",", "")) * { "": 1, k: 1e3, m: 1e6, g: 1e9 }[match[2].toLowerCase()];
  return Number.isFinite(number) ? String(+number.toPrecision(12)) : text.trim();
}

/** "300000" → "300 k" where nothing is lost by it. */
export function contract(word) {
  const number = Number(word);
  if (word === "" || !Number.isFinite(number) || number < 1000) return word;
  const text = short(number, 12);
  return Number(expand(text)) === number ? text : word;
}

/** 0.0059 → "+0.6 %", of shares. */
export const signed = (share) =>
  `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(Math.abs(share) < 0.001 ? 2 : 1)} %`;

/** A loss or a norm: four significant digits. */
export const figure = (number) => (number == null ? "–" : String(+number.toPrecision(4)));
