// The header: name, room for the tabs, device, language, Copy link.

import { copy } from "./clipboard.js";
import { linked } from "./describing.js";
import { h } from "./dom.js";
import { notice } from "./notices.js";
import { page } from "./page.js";
import { tourButton } from "./tour.js";
import { language, onLanguage, pick, setLanguage, t } from "./words.js";

const NAMES = { en: "EN", zh: "中文" };

/** Fills the header; the answer is where the tabs go. */
export function openHeader(host, device) {
  const nav = h("div", { class: "nav", role: "tablist", "aria-label": () => t("tabs") });
  const right = h(
    "div",
    { class: "head-right" },
    h("span", { class: "device", text: () => pick(device) }),
    languages(),
    tourButton(),
    copyButton(),
  );
  host.append(h("h1", { text: () => t("title") }), nav, right);
  return nav;
}

function languages() {
  const buttons = Object.entries(NAMES).map(([code, name]) =>
    h("button", {
      text: name,
      lang: code === "zh" ? "zh-CN" : "en",
      "data-language": code,
      onclick: () => setLanguage(code),
    }),
  );
  const press = () =>
    buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset.language === language()));
  onLanguage(press);
  press();
  return h("div", { class: "languages", role: "group", "aria-label": () => t("language") }, buttons);
}

function copyButton() {
  const button = h("button", { class: "copy", text: () => t("copy_link"), onclick: () => copyLink(button) });
  return button;
}

async function copyLink(button) {
  const link = `${location.origin}${location.pathname}${linked()}`;
  try {
    await copy(link);
  } catch {
    notice(`${t("copy_yourself")} ${link}`, true);
    return;
  }
  button.textContent = t("copied");
  button.classList.add("done");
  setTimeout(() => {
    button.textContent = t("copy_link");
    button.classList.remove("done");
  }, 1600);
  if (page.text && page.tab === "compare") notice(t("text_travels_not"));
}
