// One attention map as a picture: row looks at column, in the variant's colour. Pointer and arrow keys move over its cells.

import { colour } from "./charts.js";
import { h } from "./dom.js";

const READABLE = 7; // px of a cell from which on tokens are written beside it
const LONGEST = 64; // px of a label
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" };
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** A token as it is written beside a map: what cannot be seen gets a sign. */
export const visible = (token) => [...token].map((character) => SIGNS[character] ?? character).join("");

/** How dark a probability is drawn, in [0, 1]: its root, so that small ones are seen. */
export const darkness = (probability) => 0.04 + 0.96 * Math.sqrt(probability);

/**
 * A map that is drawn when shown: {element, show(map), mark(cell)}. A map is {tokens, values, letter}, with one byte a link,
 * row by row. `point(cell)` is called when the visitor goes to a cell {row, column}, or null when he leaves.
 */
export function heatmap(point, { labelled }) {
  const element = h("canvas", { class: "map", role: "img", ...(labelled && { tabindex: "0" }) });
  const mine = { element, labelled, map: null, cell: null };
  const go = (cell) =>
    point(cell && mine.map ? { row: bounded(cell.row, mine), column: bounded(cell.column, mine) } : null);
  new ResizeObserver(() => draw(mine)).observe(element);
  for (const kind of ["pointermove", "pointerdown"]) element.addEventListener(kind, (event) => go(under(event, mine)));
  // A finger that is lifted leaves too: what it touched stays marked.
  element.addEventListener("pointerleave", (event) => event.pointerType === "touch" || go(null));
  element.addEventListener("focus", () => mine.map && element.matches(":focus-visible") && go(strongest(mine.map)));
  element.addEventListener("blur", () => go(null));
  element.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || !labelled || !mine.map) return;
    event.preventDefault();
    const { row, column } = mine.cell ?? strongest(mine.map);
    go({ row: row + step[0], column: column + step[1] });
  });
  const show = (map) => ((mine.map = map), draw(mine));
  const mark = (cell) => ((mine.cell = cell), draw(mine));
  return { element, show, mark };
}

const bounded = (index, { map }) => Math.max(0, Math.min(map.tokens.length - 1, index));

function strongest({ tokens, values }) {
  const row = tokens.length - 1;
  const last = values.subarray(row * tokens.length);
  return { row, column: last.indexOf(Math.max(...last)) };
}

function under(event, mine) {
  if (!mine.map) return null;
  const box = mine.element.getBoundingClientRect();
  const { margin, cell } = frame(mine, box.width);
  const [x, y] = [event.clientX - box.left - margin, event.clientY - box.top - margin];
  const [row, column] = [Math.floor(y / cell), Math.floor(x / cell)];
  return row < 0 || column < 0 ? null : { row, column };
}

// Where the cells begin and how large they are; labels are written only beside cells that are large enough for them.
function frame({ labelled, map, element }, width) {
  const size = map.tokens.length;
  if (!labelled) return { margin: 0, cell: width / size, written: false };
  const pen = element.getContext("2d");
  pen.font = font(width / size);
  const longest = Math.max(...map.tokens.map((token) => pen.measureText(visible(token)).width));
  const margin = Math.min(LONGEST, Math.ceil(longest)) + 6;
  const cell = (width - margin) / size;
  return cell < READABLE ? { margin: 0, cell: width / size, written: false } : { margin, cell, written: true };
}

const font = (cell) => `${Math.max(8, Math.min(12, Math.floor(cell * 0.9)))}px ${colour("mono") || "monospace"}`;

function draw(mine) {
  const { element, map } = mine;
  const width = element.clientWidth;
  if (!width || !map) return;
  const scale = devicePixelRatio || 1;
  element.width = element.height = Math.round(width * scale);
  const pen = element.getContext("2d");
  pen.scale(scale, scale);
  const { margin, cell, written } = frame(mine, width);
  const size = map.tokens.length;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(picture(map), margin, margin, cell * size, cell * size);
  if (written) labels(pen, mine, margin, cell);
  if (mine.cell) cross(pen, mine.cell, margin, cell);
}

function picture({ tokens, values, letter }) {
  const size = tokens.length;
  const pixels = new ImageData(size, size);
  const hue = parseInt(colour(letter.toLowerCase()).slice(1), 16);
  const rgb = [hue >> 16, (hue >> 8) & 255, hue & 255];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      const at = row * size + column;
      pixels.data.set([...rgb, 255 * darkness(values[at] / 255)], 4 * at);
    }
  }
  const small = new OffscreenCanvas(size, size);
  small.getContext("2d").putImageData(pixels, 0, 0);
  return small;
}

function labels(pen, { map, cell: marked }, margin, cell) {
  pen.font = font(cell);
  pen.textBaseline = "middle";
  const upright = map.tokens.every((token) => [...visible(token)].length < 2);
  map.tokens.forEach((token, index) => {
    const middle = margin + (index + 0.5) * cell;
    const paint = (chosen) => (pen.fillStyle = colour(chosen ? "ink" : "soft"));
    paint(marked?.row === index);
    pen.textAlign = "right";
    pen.fillText(visible(token), margin - 4, middle, margin - 4);
    paint(marked?.column === index);
    pen.save();
    pen.translate(middle, margin - 4);
    if (!upright) pen.rotate(-Math.PI / 2);
    pen.textAlign = upright ? "center" : "left";
    pen.fillText(visible(token), 0, upright ? -4 : 0, upright ? undefined : margin - 4);
    pen.restore();
  });
}

function cross(pen, { row, column }, margin, cell) {
  const end = margin + cell * (row + 1);
  pen.strokeStyle = colour("ink");
  pen.globalAlpha = 0.35;
  pen.strokeRect(margin, margin + row * cell, end - margin, cell);
  pen.globalAlpha = 1;
  pen.lineWidth = 1.5;
  pen.strokeRect(margin + column * cell, margin + row * cell, cell, cell);
}
