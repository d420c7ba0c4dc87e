import { z } from "zod";
import type { ServiceContext } from "#lib/services/context";
import { instantField } from "#lib/services/fields";
import { CounterDifference, counterDifferences } from "./counter-differences";
import { UsageDifference, usageDifferences } from "./usage-differences";
import { overWholeBooks } from "./whole-books";

const Checked = z.object({ checked: z.int(), different: z.int() });

/** What the counters and the rollup say, against what the ledger says. */
export const Reconciliation = z
  .object({
    checked_at: instantField,
    differences: z.int().describe("Of counters and usage together: 0, always."),
    counters: Checked.extend({
      data: z.array(CounterDifference).describe("The first hundred that differ."),
    }),
    usage: Checked.extend({
      data: z.array(UsageDifference).describe("The first hundred hours of a caller and model that differ."),
    }),
  })
  .meta({ id: "Reconciliation" });
export type Reconciliation = z.output<typeof Reconciliation>;

/**
 * Recomputes every counter and every hour of the usage rollup from the ledger, all of one moment.
 * @throws ServiceError "forbidden" for all but administrators
 */
export async function reconcile(ctx: ServiceContext): Promise<Reconciliation> {
  return overWholeBooks(ctx, async (tx) => {
    const checkedAt = new Date().toISOString();
    const counters = await counterDifferences(tx);
    const usage = await usageDifferences(tx);
    return { checked_at: checkedAt, differences: counters.different + usage.different, counters, usage };
  });
}
