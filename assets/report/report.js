// A report's own script: the language, the axes, and a cursor that reads every line. The charts are there without it.

const { names, charts } = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const tip = document.querySelector(".tip");
const SVG = "http://www.w3.org/2000/svg";
const hidden = new Set(); // variants that were clicked away
const WORDS = {
  en: {
    tokens: "tokens",
    step: "step",
    seconds: "seconds",
    flops: "FLOPs",
    train_loss: "training",
    val_loss: "validation",
    grad_norm: "",
  },
  zh: {
    tokens: "词元",
    step: "步",
    seconds: "秒",
    flops: "FLOPs",
    train_loss: "训练",
    val_loss: "验证",
    grad_norm: "",
  },
};
const AXES = {
  en: {
    tokens: "tokens trained on",
    step: "optimizer steps",
    seconds: "seconds of training",
    flops: "FLOPs of training",
  },
  zh: { tokens: "训练词元数", step: "优化器步数", seconds: "训练秒数", flops: "训练 FLOPs" },
};

function speak(language) {
  root.dataset.language = language;
  root.lang = language === "zh" ? "zh-CN" : "en";
  for (const button of document.querySelectorAll(".languages button"))
    button.setAttribute("aria-pressed", button.dataset.language === language);
  for (const option of document.querySelectorAll("option")) option.textContent = AXES[language][option.value];
}

const exact = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const figure = (number) =>
  Math.abs(number) >= 1e6
    ? number.toExponential(2)
    : Math.abs(number) >= 1000
      ? exact.format(number)
      : String(+number.toPrecision(4));

for (const chart of document.querySelectorAll(".chart")) open(chart, charts[chart.dataset.chart]);

function open(chart, { scales, lines }) {
  const axis = chart.querySelector("select");
  const log = chart.querySelector("input");
  const pictures = [...chart.querySelectorAll("svg")];
  const current = () => pictures.find((svg) => !svg.hidden && !svg.hasAttribute("hidden"));
  const choose = () => {
    leave();
    for (const svg of pictures)
      svg.toggleAttribute("hidden", svg.dataset.axis !== axis.value || svg.dataset.log !== String(Number(log.checked)));
  };
  const leave = () => {
    tip.hidden = true;
    chart.querySelectorAll(".cursor, .dot").forEach((mark) => mark.remove());
  };

  function read(event) {
    const svg = current();
    const [x, y] = scales[`${svg.dataset.axis}-${svg.dataset.log}`];
    const box = svg.getBoundingClientRect();
    const [width, height] = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    const at = Math.min(x.end, Math.max(x.begin, ((event.clientX - box.left) / box.width) * width));
    const value = x.low + ((at - x.begin) / (x.end - x.begin)) * (x.high - x.low);
    leave();
    const found = lines
      .filter(({ variant, y: of }) => of.length && !hidden.has(variant))
      .map((line) => ({ line, n: nearest(line.at[svg.dataset.axis], value) }));
    if (!found.length) return;
    svg.append(mark("line", { class: "cursor", x1: at, x2: at, y1: 10, y2: y.begin }));
    for (const { line, n } of found)
      if (line.what !== "train_loss")
        svg.append(
          mark("circle", {
            class: "dot",
            cx: place(x, line.at[svg.dataset.axis][n]),
            cy: place(y, line.y[n]),
            r: 3.5,
            fill: colour(line.variant),
          }),
        );
    tell(found, `${figure(value)} ${WORDS[root.dataset.language][svg.dataset.axis]}`);
    tip.style.left = `${Math.min(event.clientX + 16, innerWidth - tip.offsetWidth - 12)}px`;
    tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 12)}px`;
  }

  axis.addEventListener("change", choose);
  log.addEventListener("change", choose);
  chart.querySelector(".plot").addEventListener("pointermove", read);
  chart.querySelector(".plot").addEventListener("pointerdown", read);
  chart.querySelector(".plot").addEventListener("pointerleave", leave);
  choose();
}

function place({ low, high, begin, end, log }, value) {
  const [a, b, c] = log ? [low, high, value].map(Math.log10) : [low, high, value];
  return begin + ((c - a) / (b - a || 1)) * (end - begin);
}

// The point that stands nearest to `value`; the numbers grow.
function nearest(numbers, value) {
  let [low, high] = [0, numbers.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < value) low = middle;
    else high = middle;
  }
  return value - numbers[low] < numbers[high] - value ? low : high;
}

const swatch = (variant) => document.querySelector(`.legend [data-variant="${variant}"]`);
const colour = (variant) => swatch(variant).querySelector("i").style.background;

function mark(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function tell(found, head) {
  const language = root.dataset.language;
  const rows = found.map(({ line, n }) => {
    const row = document.createElement("div");
    const letter = swatch(line.variant).querySelector("b").textContent;
    const called = names[line.variant][language === "zh" ? 1 : 0];
    const name = Object.assign(document.createElement("span"), {
      textContent: `${letter} ${called} ${WORDS[language][line.what]}`,
    });
    const error = line.error.length ? ` ± ${figure(line.error[n])}` : "";
    const value = Object.assign(document.createElement("b"), { textContent: figure(line.y[n]) + error });
    row.append(swatch(line.variant).querySelector("i").cloneNode(), name, value);
    return row;
  });
  tip.replaceChildren(head, ...rows);
  tip.hidden = false;
}

for (const button of document.querySelectorAll(".legend button")) {
  button.addEventListener("click", () => {
    const variant = Number(button.dataset.variant);
    const gone = !hidden.delete(variant) && Boolean(hidden.add(variant));
    button.setAttribute("aria-pressed", !gone);
    for (const shape of document.querySelectorAll(`.of-${variant}`)) shape.style.display = gone ? "none" : "";
  });
}
for (const button of document.querySelectorAll(".languages button"))
  button.addEventListener("click", () => speak(button.dataset.language));
speak(navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
