// Sharing what has ended: a dialog with the result card, a link, and files. The PNG is drawn here, from the card's SVG.

import { base64 } from "./base64.js";
import { copy } from "./clipboard.js";
import { fill, h } from "./dom.js";
import { lecture } from "./lecture.js";
import { notice } from "./notices.js";
import { bytes } from "./numbers.js";
import { owner } from "./owner.js";
import { bring, page } from "./page.js";
import { saveAs } from "./saving.js";
import { ask } from "./server.js";
import { attach } from "./training.js";
import { language, pick, t } from "./words.js";

const [WIDTH, HEIGHT, SHARP] = [1200, 630, 2];
const FILES = [
  ["share_report", "report.html"],
  ["share_archive", "experiment.zip"],
  ["share_json", "result.json"],
  ["share_runs", "runs.csv"],
  ["share_curves", "curves.csv"],
];

let dialog = null;

/** The button that opens the dialog for the experiment shown. */
export const shareButton = () => h("button", { class: "share", text: t("share"), onclick: () => open(page.results) });

const address = (id, name) => new URL(`share/${id}/${name}`, document.baseURI).href;

function cardName() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return `card${language() === "zh" ? "-zh" : ""}${dark ? "-dark" : ""}.svg`;
}

function open(results) {
  dialog ??= made();
  const { id } = results;
  const card = address(id, cardName());
  const close = h("button", { class: "icon", text: "✕", "aria-label": t("close"), onclick: () => dialog.close() });
  const top = h("div", { class: "sheet-top" }, h("h2", { id: "share-title", text: t("share_title") }), close);
  const picture = h("img", { class: "result-card", src: card, width: WIDTH, height: HEIGHT, alt: t("share_card_alt") });
  const png = h("button", { class: "card-png", text: t("share_card_png"), onclick: () => savePicture(card, results) });
  const links = [["share_card_svg", cardName()], ...FILES].map(([key, name]) =>
    h("a", { class: "shared-file", href: address(id, name), download: "", "data-file": name, text: t(key) }),
  );
  const { row, flags } = linkRows(id);
  fill(
    dialog,
    h(
      "div",
      { class: "sharing" },
      top,
      picture,
      h("p", { class: "note", text: t("share_note") }),
      row,
      h("div", { class: "row", role: "group", "aria-label": t("share_files") }, png, links),
      importing(),
      flags,
    ),
  );
  dialog.showModal();
}

function made() {
  const element = h("dialog", { class: "wide", "aria-labelledby": "share-title" });
  element.addEventListener("click", (event) => event.target === element && element.close());
  document.querySelector("#playground").append(element);
  return element;
}

// The link, and what it opens with: the switches below it change it as they are set.
function linkRows(id) {
  const link = `${location.origin}${location.pathname}?${page.described?.link ?? ""}&run=${id}`;
  const field = h("input", {
    readonly: true,
    value: link,
    "aria-label": t("share_link"),
    onfocus: () => field.select(),
  });
  const button = h("button", {
    text: t("copy_link"),
    onclick: () =>
      copy(field.value).then(
        () => (button.textContent = t("copied")),
        () => field.select(),
      ),
  });
  const change = (flags) =>
    Object.assign(field, { value: [link, flags].filter(Boolean).join("&") }) && (button.textContent = t("copy_link"));
  return { row: h("div", { class: "link-row" }, field, button), flags: lecture(change) };
}

// An SVG of another file is drawn onto a canvas, which makes a PNG of it: twice as large, so that letters stay sharp.
async function savePicture(source, { variants }) {
  try {
    const text = await (await fetch(source)).text();
    const picture = new Image();
    picture.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    await picture.decode();
    const canvas = h("canvas");
    Object.assign(canvas, { width: SHARP * WIDTH, height: SHARP * HEIGHT });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(picture.src);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const name = variants
      .map(({ name: one }) => one.toLowerCase().replace(/[^a-z0-9]+/g, "-"))
      .join("-")
      .slice(0, 60);
    saveAs(`${name || "result"}-card.png`, blob, "image/png");
  } catch {
    notice(t("share_no_picture"), true);
  }
}

/** The button that takes an archive in, and the sentence of a refusal. */
export function importing() {
  const refusal = h("span", { class: "refusal", role: "alert", hidden: true });
  const input = h("input", {
    type: "file",
    accept: ".zip,application/zip",
    class: "unseen",
    onchange: () => take(input, refusal),
  });
  return h(
    "div",
    { class: "row" },
    h("label", { class: "shared-file import" }, input, h("span", { text: () => t("share_import") })),
    refusal,
  );
}

async function take(input, refusal) {
  const [file] = input.files;
  const say = (text) => Object.assign(refusal, { textContent: text, hidden: !text });
  input.value = "";
  if (!file) return;
  say("");
  if (file.size > page.limits.upload_bytes)
    return say(t("share_too_large", { size: bytes(file.size), limit: bytes(page.limits.upload_bytes) }));
  try {
    const content = await base64(file);
    const said = await ask("import_archive", { owner: owner(), content });
    if (said.refusal) return say(pick(said.refusal.text));
    const { experiment } = await ask("recall", { id: said.id });
    dialog?.close();
    bring(experiment);
    attach(said.id, true);
  } catch {
    say(t("share_import_failed", { name: file.name }));
  }
}
