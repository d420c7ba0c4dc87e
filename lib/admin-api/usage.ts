import { usageCsv } from "#lib/services/usage/usage-csv";
import { usageReport } from "#lib/services/usage/usage-report";
import { type Operation, operation } from "./operation";

export const usageOperations: readonly Operation[] = [
  operation("GET /usage", usageReport, {
    summary: "Report usage",
    description:
      "Requests that have ended, by their start; adjustments are only in the ledger. Grouped by tag, a request counts under each of its tags. Hours and days are in order, other groups by cost. Sums stay exact when requests are removed, in any time zone: only parts of quarter hours then lack them, and `complete_from` says so.",
    tag: "Usage",
    csv: usageCsv,
  }),
];
