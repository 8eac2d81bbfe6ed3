// Who this visitor is to the server: a random key of the browser's own. Nothing else is stored about anybody.

const KEY = "playground.owner";

export function owner() {
  let key = localStorage.getItem(KEY);
  if (!/^[0-9a-f]{32}$/.test(key ?? "")) {
    key = secret();
    localStorage.setItem(KEY, key);
  }
  return key;
}

/** A name that nobody else can guess. */
export const secret = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
