// All explainers, in the order in which they are shown.

import * as activation from "../explainers/activation.js";
import * as alibi from "../explainers/alibi.js";
import * as cache from "../explainers/cache.js";
import * as cap from "../explainers/cap.js";
import * as norm from "../explainers/norm.js";
import * as rope from "../explainers/rope.js";
import * as sinusoidal from "../explainers/sinusoidal.js";
import * as span from "../explainers/span.js";
import * as t5 from "../explainers/t5.js";

export const VIEWS = [activation, alibi, cache, cap, norm, rope, sinusoidal, span, t5].sort(
  (one, other) => one.order - other.order,
);
