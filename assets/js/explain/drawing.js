// A small picture as SVG: axes with a grid, lines, marks, all in strings. Knows nothing of what is drawn.

const MARGIN = { left: 46, right: 12, top: 12, bottom: 36 };

/** A coordinate, no longer than it must be. */
export const at = (value) => +value.toFixed(2);

const safe = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export const word = (x, y, text, style = "", anchor = "middle") =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" class="x-word ${style}">${safe(text)}</text>`;

export const line = (x1, y1, x2, y2, style) =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${style}"/>`;

export const box = (x, y, width, height, style, rest = "") =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(0, width))}" height="${at(Math.max(0, height))}" class="${style}" ${rest}/>`;

export const dot = (x, y, radius, style, rest = "") =>
  `<circle cx="${at(x)}" cy="${at(y)}" r="${at(radius)}" class="${style}" ${rest}/>`;

/** A line through points [x, y] in pixels. */
export const path = (points, style, rest = "") =>
  `<path d="M${points.map(([x, y]) => `${at(x)} ${at(y)}`).join("L")}" class="${style}" ${rest}/>`;

/**
 * A frame for curves, `width` by `height` pixels: x and y are {from, to, ticks, title, log?}. Gives sx and sy (numbers to
 * pixels), inverse (a pixel's x to its number), axes (the drawing beneath the curves) and curve(f), f drawn from end to end.
 */
export function frame(width, height, x, y) {
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  const [sx, inverse] = scale(x, left, right);
  const [sy] = scale(y, bottom, top);
  const below = (x.ticks ?? []).map(
    (tick) => line(sx(tick), top, sx(tick), bottom, "x-grid") + word(sx(tick), bottom + 14, written(x, tick)),
  );
  const beside = (y.ticks ?? []).map(
    (tick) =>
      line(left, sy(tick), right, sy(tick), "x-grid") + word(left - 6, sy(tick) + 4, written(y, tick), "", "end"),
  );
  const titles =
    word((left + right) / 2, height - 4, x.title ?? "") +
    (y.title
      ? `<text transform="translate(9 ${at((top + bottom) / 2)}) rotate(-90)" text-anchor="middle" class="x-word">${safe(y.title)}</text>`
      : "");
  const curve = (f, style, rest) =>
    path(
      Array.from({ length: right - left + 1 }, (_, step) => [left + step, sy(f(inverse(left + step)))]),
      style,
      rest,
    );
  return { sx, sy, inverse, left, right, top, bottom, axes: below.join("") + beside.join("") + titles, curve };
}

const written = (axis, tick) => (axis.write ? axis.write(tick) : tick);

function scale({ from, to, log }, start, end) {
  const [map, back] = log ? [Math.log, Math.exp] : [(value) => value, (value) => value];
  const [low, high] = [map(from), map(to)];
  return [
    (value) => start + ((map(value) - low) / (high - low)) * (end - start),
    (pixel) => back(low + ((pixel - start) / (end - start)) * (high - low)),
  ];
}

/** Round numbers from `from` to `to`, about `count` of them. */
export function ticks(from, to, count = 5) {
  const rough = (to - from) / count;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * size).find((each) => each >= rough);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => +((first + i) * step).toPrecision(12));
}
