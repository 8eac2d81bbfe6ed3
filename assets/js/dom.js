// Elements without a framework. A function given as text or attribute is "live": it is asked again when the language changes.

const live = new WeakMap();

/** h("p", {class: "note", text: () => …, onclick: f}, child, …) makes an element; null, false and undefined are skipped. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) put(element, name, value);
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

function put(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (typeof value === "function") enliven(element, name, value);
  else if (name === "text") element.textContent = value;
  else if (name === "html") element.innerHTML = value;
  else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") element[name] = value;
  else if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
}

function enliven(element, name, ask) {
  const asked = live.get(element) ?? {};
  live.set(element, { ...asked, [name]: ask });
  element.dataset.live = "";
  put(element, name, ask());
}

/** Asks every live text and attribute under `root` again. */
export function relive(root) {
  for (const element of root.querySelectorAll("[data-live]")) {
    for (const [name, ask] of Object.entries(live.get(element) ?? {})) put(element, name, ask());
  }
}

/** Replaces the children of `element`. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** Calls `act` when nothing was asked for `wait` ms. */
export function later(act, wait) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), wait);
  };
}
