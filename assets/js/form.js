// What is made of the variants beside training them: a sweep, chosen in a dialog, or a ladder; and how to be rid of it.

import { fill, h, later } from "./dom.js";
import { experiment } from "./describing.js";
import { wordOf } from "./naming.js";
import { contract, expand } from "./numbers.js";
import { listen, page, tell } from "./page.js";
import { ask, latest } from "./server.js";
import { onLanguage, pick, t } from "./words.js";

const BETWEEN = /[,，、~;；]+/;
const USUAL = { "recipe.lr": "sweep_fair", "shape.width": "sweep_scaling", "feed_forward.ratio": "sweep_hidden" };

const titleOf = (path) => pick(page.fields.sweep.find((each) => each.path === path)?.title) || path;
const written = (values) => values.split("~").map(contract).join(", ");

/** {button, chosen}: what opens the dialog, and the line that says which form is chosen. */
export function openForm() {
  const dialog = openDialog();
  const button = h("button", { class: "plain", text: () => t("sweep_button"), onclick: () => dialog.show() });
  const words = h("span", { class: "pill" });
  const size = h("span", { class: "note" });
  const remove = h("button", {
    class: "icon",
    text: "✕",
    "aria-label": () => t("form_remove"),
    title: () => t("form_remove"),
    onclick: () => put(null),
  });
  const chosen = h("div", { class: "form-chosen", hidden: true }, words, size, remove);
  const renew = () => {
    chosen.hidden = !page.form;
    if (!page.form) return;
    words.textContent =
      page.form.kind === "ladder"
        ? t("which_change")
        : t("form_sweep", {
            title: pick(page.described?.form?.title) || titleOf(page.form.path),
            values: page.form.values
              .split("~")
              .map((word) => contract(wordOf(page.form.path, word)))
              .join(", "),
          });
    const said = page.described?.form;
    const barred = said?.missing.length ? [t("form_barred", { count: said.missing.length })] : [];
    size.textContent = said ? [t("form_size", { ...said, seeds: page.seeds }), ...barred].join(" · ") : "";
  };
  for (const kind of ["choices", "described"]) listen(kind, renew);
  onLanguage(renew);
  return { button, chosen };
}

function put(form) {
  page.form = form;
  tell("choices");
}

function openDialog() {
  const picker = h("select", { "aria-label": () => t("sweep_field"), onchange: () => begin(picker.value) });
  const values = h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "200",
    "aria-label": () => t("sweep_values"),
    oninput: () => check(),
  });
  const about = h("p", { class: "note" });
  const refusal = h("p", { class: "refusal", role: "alert", hidden: true });
  const size = h("p", { class: "note", role: "status" });
  const missing = h("ul", { class: "note" });
  const usual = Object.entries(USUAL).map(([path, key]) =>
    h("button", { text: () => t(key), onclick: () => begin(path) }),
  );
  const ladder = h("button", {
    text: () => t("which_change"),
    onclick: () => (put({ kind: "ladder" }), dialog.close()),
  });
  const use = h("button", { class: "primary", text: () => t("sweep_use"), onclick: () => go() });
  const none = h("button", { text: () => t("sweep_remove"), onclick: () => (put(null), dialog.close()) });
  const close = h("button", { text: () => t("cancel"), onclick: () => dialog.close() });
  const body = h(
    "div",
    { class: "sweep-dialog" },
    h("h2", { text: () => t("sweep_title") }),
    h("p", { class: "note", text: () => t("sweep_what") }),
    h("div", { class: "row" }, h("span", { class: "note", text: () => t("sweep_usual") }), usual, ladder),
    labelled("sweep_field", picker),
    about,
    labelled("sweep_values", values),
    refusal,
    size,
    missing,
    h("div", { class: "row" }, use, none, close),
  );
  const dialog = h("dialog", { "aria-label": () => t("sweep_title") }, body);
  dialog.addEventListener("close", () => dialog.remove());
  const form = () => ({
    kind: "sweep",
    path: picker.value,
    values: values.value.split(BETWEEN).map(expand).filter(Boolean).join("~"),
  });

  const check = later(
    latest(() => ask("describe", { ...experiment(), form: form() }), tellOf),
    60,
  );

  // Values around those that the variants have.
  const propose = latest(
    (path) => ask("sweep", { ...experiment(), path }),
    (said) => {
      values.value = said?.values ?? "";
      check();
    },
  );

  function begin(path) {
    picker.value = path;
    about.textContent = pick(page.fields.sweep.find((each) => each.path === path).help);
    propose(path);
  }

  function tellOf(said) {
    const refused = said
      ? said.recipe.refusals.filter(({ fields }) => fields.includes("sweep"))
      : [{ text: t("no_answer") }];
    refusal.hidden = !refused.length;
    refusal.textContent = refused.map(({ text }) => pick(text)).join(" ");
    values.setAttribute("aria-invalid", Boolean(refused.length));
    use.disabled = Boolean(refused.length);
    size.textContent = said?.form ? t("form_size", { ...said.form, seeds: page.seeds }) : "";
    fill(
      missing,
      (said?.form?.missing ?? []).map(({ letter, value, why }) =>
        h("li", { text: t("form_missing", { letter, value, why: pick(why) }) }),
      ),
    );
  }

  function go() {
    put(form());
    dialog.close();
  }

  function show() {
    picker.replaceChildren(...groups());
    none.hidden = !page.form;
    ladder.hidden = page.variants.length !== 2;
    document.querySelector("#playground").append(dialog);
    dialog.showModal();
    if (page.form?.kind !== "sweep" || !page.fields.sweep.some(({ path }) => path === page.form.path))
      return void begin("recipe.lr");
    picker.value = page.form.path;
    about.textContent = pick(page.fields.sweep.find((each) => each.path === page.form.path)?.help);
    values.value = written(page.form.values);
    check();
  }
  return { show };
}

// Only what one of the variants has, by axis.
function groups() {
  const there = page.fields.sweep.filter(
    ({ axis, options }) =>
      !options || page.described?.variants.some((variant) => options.includes(variant.options[axis])),
  );
  const axes = [...new Set(there.map(({ axis }) => axis))].sort(
    (one, other) => (other === "recipe") - (one === "recipe"),
  );
  return axes.map((axis) => {
    const mine = there.filter((each) => each.axis === axis);
    return h(
      "optgroup",
      { label: pick(mine[0].group) },
      mine.map((each) => h("option", { value: each.path, text: `${pick(each.title)} · ${each.path}` })),
    );
  });
}

const labelled = (key, control) =>
  h("div", { class: "bar-field" }, h("span", { class: "name", text: () => t(key) }), control);
