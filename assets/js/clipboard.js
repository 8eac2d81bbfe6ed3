// The clipboard. The browser's own exists on https and localhost only; elsewhere a selection is copied.

import { h } from "./dom.js";

/** Copies `text`; throws where the browser does not let the page. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = h("textarea", { class: "unseen", value: text });
  (document.querySelector("dialog[open]") ?? document.body).append(area); // beside an open dialog nothing can be selected
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not copied");
}
