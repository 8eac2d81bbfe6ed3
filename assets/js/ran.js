// On what an exported file ran, and in which of its forms, in words. Knows no panel.

import { t } from "./words.js";

/** `{provider, form}` as the server says them: "CPU, fast form". */
export const ran = ({ provider, form }) => t(`ran_${form}`, { provider: provider.replace("ExecutionProvider", "") });
