import { z } from "zod";
import { invalidField } from "#lib/http/errors";
import { dateField, instantField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { CounterDifference, counterDifferences } from "./counter-differences";
import { readWholeLedger } from "./read-whole-ledger";
import { newestDays } from "./reconciled-days";
import { rollupDifferences } from "./rollup-differences";
import { UsageDifference, usageDifferences } from "./usage-differences";

const ReconciliationQuery = z.strictObject({
  from: dateField
    .optional()
    .describe(
      "A UTC day, inclusive. Default: a day so that seconds suffice, or all of a ledger that is small enough.",
    ),
  to: dateField.optional().describe("A UTC day, exclusive. Default: until now."),
});

const Checked = z.object({ checked: z.int(), different: z.int() });

/** The counters and the usage, compared with the ledger. */
const Reconciliation = z
  .object({
    checked_at: instantField,
    from: z.iso
      .date()
      .nullable()
      .describe("The first day that was checked. Null: all of them, and counters of total budgets, too."),
    to: z.iso.date().nullable().describe("The day after the last one. Null: until now."),
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
 * Recomputes counters and hours of usage from the ledger, and compares the rollups with each other, in one snapshot: those of
 * some days, and the counters of periods that lie within them. A large ledger is reconciled period by period.
 * @throws ServiceError "forbidden" for all but administrators, "invalid"
 */
export const reconcile = verb({
  role: "admin",
  input: ReconciliationQuery,
  output: Reconciliation,
  run: (ctx, query) =>
    readWholeLedger(ctx, async (tx) => {
      const checkedAt = new Date().toISOString();
      const to = query.to === undefined ? undefined : new Date(query.to);
      const days = query.from === undefined ? await newestDays(tx, to) : { from: new Date(query.from), to };
      if (days.from !== undefined && to !== undefined && days.from > to) {
        throw invalidField("to", "The end is before the start.");
      }
      const counters = await counterDifferences(tx, days);
      const usage = await usageDifferences(tx, days);
      const rollups = await rollupDifferences(tx, days);
      const differences = counters.different + usage.different + rollups.different;
      const [first, end] = [days.from, to].map((day) => day?.toISOString().slice(0, 10) ?? null);
      return {
        checked_at: checkedAt,
        from: first ?? null,
        to: end ?? null,
        differences,
        counters,
        usage,
        rollups,
      };
    }),
});
