// How fast the variants that are chosen read and write, measured by a worker on request.

import { chosenJob } from "./chosen-jobs.js";

export const throughput = chosenJob("throughput", "measure_throughput", "stop_measuring");

/** The rows that the worker has found so far. */
export const rows = () => throughput.found()?.rows ?? [];
