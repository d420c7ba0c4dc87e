import { z } from "zod";
import { Metrics, readMetrics } from "#lib/services/metrics/read-metrics";
import { type Operation, operation } from "./operation";

export const metricsOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/metrics",
    summary: "Read the figures of the installation",
    description: "An organization's own admin gets the figures of that organization.",
    tag: "Metrics",
    status: 200,
    input: z.strictObject({}),
    output: Metrics,
    run: readMetrics,
  }),
];
