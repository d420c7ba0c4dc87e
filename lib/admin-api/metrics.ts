import { readMetrics } from "#lib/services/metrics/read-metrics";
import { type Operation, operation } from "./operation";

export const metricsOperations: readonly Operation[] = [
  operation("GET /metrics", readMetrics, {
    summary: "Get the metrics of the installation",
    description: "An organization's admin gets the metrics of that organization.",
    tag: "Metrics",
  }),
];
