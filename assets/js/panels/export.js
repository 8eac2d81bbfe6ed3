// The ONNX files: made on request, checked against the model they come from, ready to be downloaded.

import { heading, notYet, nothingYet, placeholder } from "../compared.js";
import { fill, h } from "../dom.js";
import { letterOf } from "../letters.js";
import { notice } from "../notices.js";
import { bytes, exact } from "../numbers.js";
import { mountPrecisions } from "../precisions.js";
import { exportVariant, exporting, onTrained, ready, trained } from "../trained.js";
import { onLanguage, pick, t } from "../words.js";

export const order = 6;
export const wide = true;
export const title = () => t("onnx");
export const note = () => t("onnx_note");

const pressed = new Set(); // variants whose request is on its way

export function mount(body) {
  const rows = h("div", { class: "files" });
  body.append(rows);
  mountPrecisions(body);
  const show = () => {
    const empty = nothingYet(t("onnx_what"));
    fill(rows, empty ? placeholder(empty) : trained.variants.map((each) => row(each, show)));
  };
  onTrained(show);
  onLanguage(show);
  show();
  return { update: () => ready().length || show() };
}

function row(each, show) {
  const letter = letterOf(each.variant);
  return h(
    "section",
    { class: "file", "data-letter": letter },
    heading(each.variant, each.ready && action(each, letter, show)),
    each.ready ? outcome(each) : h("p", { class: "note", text: notYet() }),
  );
}

function action(each, letter, show) {
  const { state, file } = each.export ?? {};
  if (state === "finished" && file && !file.address) return null; // the file is not the model: `outcome` says so
  if (state === "finished" && file)
    return h("a", {
      class: "button",
      href: file.address,
      download: file.name,
      text: t("onnx_download", { size: bytes(file.bytes) }),
      "aria-label": t("onnx_download_of", { letter, size: bytes(file.bytes) }),
    });
  const busy = exporting(each) || pressed.has(each.variant);
  return h("button", {
    disabled: busy,
    text: busy ? t("onnx_running") : t("onnx_export"),
    "aria-label": busy ? t("onnx_running") : t("onnx_export_of", { letter }),
    onclick: () => press(each, show),
  });
}

async function press({ variant }, show) {
  pressed.add(variant);
  show();
  try {
    const reason = await exportVariant(variant);
    if (reason) notice(pick(reason), true);
  } catch {
    notice(t("no_answer"), true);
  }
  pressed.delete(variant);
  show();
}

function outcome({ export: made }) {
  if (!made) return h("p", { class: "note", text: t("onnx_none") });
  if (made.state === "queued") return h("p", { class: "note", text: t("onnx_queued") });
  if (made.state === "running") return h("p", { class: "note", text: t("onnx_working") });
  if (made.state !== "finished") return h("p", { class: "refusal", text: pick(made.reason) || t("onnx_failed") });
  const { verification: found, file } = made;
  const said = found.passed ? t("onnx_passed") : t("onnx_not_passed");
  const agreement = `${+(100 * found.top1_agreement).toFixed(2)} %`;
  const [difference, share] = [found.max_abs_diff, found.max_rel_diff].map((number) => number?.toExponential(1) ?? "–");
  const details = t("onnx_details", {
    difference,
    share,
    agreement,
    text: t(`onnx_text_${found.text ?? "random"}`), // exports of before were checked on random ones alone
    lengths: found.lengths.map(exact).join(", "),
  });
  return h(
    "div",
    {},
    h("p", { class: found.passed ? "verified" : "refusal", text: said }),
    h("p", { class: "note", text: details }),
    h("p", { class: "note file-name", text: file.name }),
  );
}
