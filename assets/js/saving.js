// Hands the visitor a file that the page has made.

import { h } from "./dom.js";

export function saveAs(name, content, type) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000); // the browser has read it long before
}
