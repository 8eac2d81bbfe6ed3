// The page's language: one catalogue per language, the choice remembered, every live text renewed when it changes.

import { relive } from "./dom.js";

const KEY = "playground.language";
const listeners = [];
let catalogues = { en: {}, zh: {} };
let current = "en";

/** The texts, and the language that the address asks for, which is then not remembered. */
export function openWords(texts, asked) {
  catalogues = texts;
  const remembered = localStorage.getItem(KEY);
  current =
    asked in texts
      ? asked
      : remembered in texts
        ? remembered
        : navigator.language.toLowerCase().startsWith("zh")
          ? "zh"
          : "en";
  mark();
}

export const language = () => current;

/** The catalogue's text for `key`, with its {names} filled in; {count:run|runs} is "1 run" or "2 runs". */
export function t(key, values = {}) {
  const text = catalogues[current][key];
  if (text === undefined) throw new Error(`no text for ${key} in ${current}`);
  return text.replace(/\{(\w+)(?::(.+?)\|(.+?))?\}/g, (whole, name, one, many) =>
    !(name in values) ? whole : many ? `${values[name]} ${String(values[name]) === "1" ? one : many}` : values[name],
  );
}

/** The sentence of a text that comes in both languages from the server; a plain string is itself. */
export const pick = (text) => (text == null ? "" : typeof text === "string" ? text : text[current]);

export function setLanguage(chosen) {
  current = chosen;
  localStorage.setItem(KEY, chosen);
  mark();
  relive(document);
  for (const listen of listeners) listen();
}

/** `act` is called after every change of language. */
export const onLanguage = (act) => listeners.push(act);

function mark() {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  if (catalogues[current].title) document.title = catalogues[current].title;
}
