import { usageCsv } from "#lib/services/usage/usage-csv";
import { usageReport } from "#lib/services/usage/usage-report";
import { type Operation, operation } from "./operation";

export const usageOperations: readonly Operation[] = [
  operation("GET /usage", usageReport, {
    summary: "Report usage",
    description:
      "Requests that have ended, by their start; adjustments are only in the ledger. Grouped by tag, a request counts under each of its tags. Hours and days are in order, other groups by cost. Parts of hours and tags come from the ledger, and so reach back only as far as it is kept.",
    tag: "Usage",
    csv: usageCsv,
  }),
];
