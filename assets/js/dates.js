// Dates as people of each language write them: "28 Nov, 14:05", "11月28日 14:05"; the year where it is another one.

import { language } from "./words.js";

const LOCALES = { en: "en-GB", zh: "zh-CN" };

/** Seconds since the epoch → day and time, in the visitor's own time zone. */
export function moment(seconds) {
  const date = new Date(1000 * seconds);
  const year = date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return new Intl.DateTimeFormat(LOCALES[language()], {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    ...year,
  }).format(date);
}
