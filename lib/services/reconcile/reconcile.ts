import { z } from "zod";
import { instantField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { CounterDifference, counterDifferences } from "./counter-differences";
import { readWholeLedger } from "./read-whole-ledger";
import { UsageDifference, usageDifferences } from "./usage-differences";

const Checked = z.object({ checked: z.int(), different: z.int() });

/** The counters and the rollup, compared with the ledger. */
const Reconciliation = z
  .object({
    checked_at: instantField,
    differences: z.int().describe("Of counters and usage together. Should always be 0."),
    counters: Checked.extend({
      data: z.array(CounterDifference).describe("The first 100 that differ."),
    }),
    usage: Checked.extend({
      data: z.array(UsageDifference).describe("The first 100 hours of a caller and model that differ."),
    }),
  })
  .meta({ id: "Reconciliation" });

/**
 * Recomputes every counter and every hour of the usage rollup from the ledger, in one snapshot.
 * @throws ServiceError "forbidden" for all but administrators
 */
export const reconcile = verb({
  role: "admin",
  input: z.strictObject({}),
  output: Reconciliation,
  run: (ctx) =>
    readWholeLedger(ctx, async (tx) => {
      const checkedAt = new Date().toISOString();
      const counters = await counterDifferences(tx);
      const usage = await usageDifferences(tx);
      return { checked_at: checkedAt, differences: counters.different + usage.different, counters, usage };
    }),
});
