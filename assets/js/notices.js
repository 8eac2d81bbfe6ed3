// Short notices in the corner, read out by screen readers, gone by themselves.

import { h } from "./dom.js";

let host = null;

export function openNotices(root) {
  host = h("div", { class: "notices", role: "status", "aria-live": "polite" });
  root.append(host);
}

/** Shows `text`; a bad one stays longer. */
export function notice(text, bad = false) {
  const note = h("div", { class: bad ? "notice bad" : "notice", text });
  host.append(note);
  setTimeout(() => note.remove(), bad ? 12000 : 4000);
}
