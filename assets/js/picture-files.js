// A picture that the style sheets colour, as a file that stands on its own: in lines (SVG) or in pixels (PNG).

import { colour } from "./charts.js";
import { h } from "./dom.js";
import { saveAs } from "./saving.js";
import { t } from "./words.js";

const SHARPNESS = 2; // pixels of a PNG for every pixel of the page
const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
];

/** Two buttons that save what `picture()` gives, an <svg>, under `name`; `title()` says what it shows. */
export const pictureButtons = (picture, name, title) =>
  [
    ["SVG", (svg) => saveAs(`${name}.svg`, written(svg), "image/svg+xml")],
    ["PNG", (svg) => pixels(svg).then((blob) => saveAs(`${name}.png`, blob, "image/png"))],
  ].map(([format, save]) =>
    h("button", {
      class: "plain",
      text: format,
      "aria-label": () => t("picture_save", { title: title(), format }),
      title: () => t("picture_save", { title: title(), format }),
      onclick: () => save(picture()),
    }),
  );

/** The picture as text, every style written out, on the card's colour: light words on nothing could not be read. */
export function written(svg) {
  const copy = svg.cloneNode(true);
  const parts = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((part, place) => {
    const style = getComputedStyle(part);
    for (const name of STYLES) parts[place].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "style"]) parts[place].removeAttribute(name);
  });
  copy.removeAttribute("class");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.insertAdjacentHTML("afterbegin", `<rect width="100%" height="100%" fill="${colour("card")}"/>`);
  return new XMLSerializer().serializeToString(copy);
}

async function pixels(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(written(svg))}`;
  await image.decode();
  const canvas = h("canvas", { width: SHARPNESS * svg.clientWidth, height: SHARPNESS * svg.clientHeight });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
