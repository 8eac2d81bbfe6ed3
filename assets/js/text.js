// The visitor's own text: pasted or uploaded, sent to the server once, refused with a reason, nothing lost.

import { base64 } from "./base64.js";
import { notice } from "./notices.js";
import { bytes, exact } from "./numbers.js";
import { openOffer } from "./offer.js";
import { owner } from "./owner.js";
import { chooseRecipe, page } from "./page.js";
import { ask } from "./server.js";
import { pick, t } from "./words.js";

const words = {
  title: () => t("your_text"),
  paste: () => t("paste_here"),
  choose: () => t("choose_file"),
  hint: () => t("drop_here", { limit: bytes(page.limits.upload_bytes) }),
  use: () => t("use_text"),
};

export const openText = () => openOffer({ words, accept: ".txt,text/plain", send });

async function send(content, name) {
  if (content.size > page.limits.upload_bytes)
    return t("text_too_long", { size: bytes(content.size), limit: bytes(page.limits.upload_bytes) });
  const encoded = await base64(content).catch(() => null);
  if (encoded == null) return t("file_unreadable", { name });
  const said = await ask("keep_text", { owner: owner(), name, content: encoded });
  if (said.refusal) return pick(said.refusal.text);
  if (page.hash && page.hash !== said.hash) notice(t("other_text"), true);
  page.text = said;
  chooseRecipe("recipe.data", page.fields.own_text);
  page.hash = said.hash;
  notice(t("text_kept", { name: said.name, characters: exact(said.characters) }));
}
