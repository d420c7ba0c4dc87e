import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { ledger, ledgerState } from "#lib/db/schema/credit";
import { invalidField } from "#lib/http/errors";
import { dateField, textField, usdField } from "#lib/services/fields";
import { createdWithin } from "#lib/services/requests/created-within";
import { usdText } from "#lib/services/usd-text";
import { verb } from "#lib/services/verb";
import { readWholeLedger } from "./read-whole-ledger";

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;

const ProviderUsageQuery = z.strictObject({
  provider: textField(200).min(1).describe("The provider's name, as in requests."),
  from: dateField.describe("A UTC day, inclusive."),
  to: dateField.describe("A UTC day, exclusive, at most one year after `from`."),
});

/** One day of a model, under the provider's own name of the model. */
const ProviderUsageRow = z.object({
  day: z.iso.date(),
  model: z.string(),
  requests: z.int(),
  estimated_requests: z.int().describe("Requests without usage from the provider: its bill may differ."),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: usdField,
});
type ProviderUsageRow = z.output<typeof ProviderUsageRow>;

const ProviderUsage = z.object({ data: z.array(ProviderUsageRow) }).meta({ id: "ProviderUsage" });

/**
 * Returns what the ledger says about one provider by day and model, to compare with the provider's own export.
 * Only the ledger itself knows the provider's names of models.
 * @throws ServiceError "invalid", "forbidden" for all but administrators
 */
export const providerUsage = verb({
  role: "admin",
  input: ProviderUsageQuery,
  output: ProviderUsage,
  run: async (ctx, { provider, ...days }) => {
    const [from, to] = [new Date(days.from), new Date(days.to)];
    if (from > to) throw invalidField("to", "The end is before the start.");
    if (to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) throw invalidField("to", "At most one year.");
    return readWholeLedger(ctx, async (tx) => {
      await checkKept(tx, from);
      return { data: await sumByDayAndModel(tx, provider, from, to) };
    });
  },
});

/** Retention may have deleted requests of this time. */
async function checkKept(tx: Tx, from: Date): Promise<void> {
  const [kept] = await tx.select({ from: ledgerState.keptFrom }).from(ledgerState);
  if (kept === undefined || from >= kept.from) return;
  const since = kept.from.toISOString();
  throw invalidField("from", `Older requests were removed: the ledger is complete from ${since} on.`);
}

async function sumByDayAndModel(tx: Tx, provider: string, from: Date, to: Date): Promise<ProviderUsageRow[]> {
  const day = sql<string>`to_char(${ledger.createdAt} at time zone 'UTC', 'YYYY-MM-DD')`;
  const model = sql<string>`coalesce(${ledger.upstreamModel}, ${ledger.model})`;
  const rows = await tx
    .select({
      day,
      model,
      requests: sql<string>`count(*)`,
      estimated: sql<string>`count(*) filter (where ${ledger.usageSource} = 'estimated')`,
      inputTokens: sql<string>`sum(${ledger.inputTokens})`,
      outputTokens: sql<string>`sum(${ledger.outputTokens})`,
      costUsd: sql<string>`sum(${ledger.costUsd})`,
    })
    .from(ledger)
    .where(
      and(
        eq(ledger.provider, provider),
        inArray(ledger.status, ["settled", "swept"]),
        createdWithin(from, to),
      ),
    )
    .groupBy(day, model)
    .orderBy(day, model);
  return rows.map((row) => ({
    day: row.day,
    model: row.model,
    requests: Number(row.requests),
    estimated_requests: Number(row.estimated),
    input_tokens: Number(row.inputTokens),
    output_tokens: Number(row.outputTokens),
    cost_usd: usdText(row.costUsd),
  }));
}
