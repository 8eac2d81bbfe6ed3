// What the variants that are chosen cost: predicted at once, measured by a worker on request.

import { chosenJob } from "./chosen-jobs.js";

export const costs = chosenJob("costs", "measure_costs");
