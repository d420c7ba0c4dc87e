import { z } from "zod";
import { instantField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { CounterDifference, counterDifferences } from "./counter-differences";
import { readWholeLedger } from "./read-whole-ledger";
import { rollupDifferences } from "./rollup-differences";
import { UsageDifference, usageDifferences } from "./usage-differences";

const Checked = z.object({ checked: z.int(), different: z.int() });

/** The counters and the usage, compared with the ledger. */
const Reconciliation = z
  .object({
    checked_at: instantField,
    differences: z.int().describe("Of counters, usage and rollups together. Should always be 0."),
    counters: Checked.extend({
      data: z.array(CounterDifference).describe("The first 100 that differ."),
    }),
    usage: Checked.extend({
      data: z.array(UsageDifference).describe("The first 100 hours of a caller and model that differ."),
    }),
    rollups: Checked.describe("Coarser sums of usage, compared with the finer ones that they are made of."),
  })
  .meta({ id: "Reconciliation" });

/**
 * Recomputes every counter and every hour of usage from the ledger, and compares the rollups with each other, in one
 * snapshot.
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
      const rollups = await rollupDifferences(tx);
      const differences = counters.different + usage.different + rollups.different;
      return { checked_at: checkedAt, differences, counters, usage, rollups };
    }),
});
