import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { ledger, ledgerState } from "#lib/db/schema/credit";
import { invalidField } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { dateField, textField, usdField } from "#lib/services/fields";
import { createdWithin } from "#lib/services/requests/created-within";
import { usdText } from "#lib/services/usd-text";
import { overWholeBooks } from "./whole-books";

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;

export const ProviderUsageQuery = z.strictObject({
  provider: textField(200).min(1).describe("Its name, as requests have it."),
  from: dateField.describe("A UTC day, inclusive."),
  to: dateField.describe("A UTC day, exclusive: at most a year later."),
});

/** What a provider was asked for on a day, under the provider's own name of the model. */
const ProviderUsageRow = z.object({
  day: z.iso.date(),
  model: z.string(),
  requests: z.int(),
  estimated_requests: z.int().describe("Of which the provider reported no usage: what it bills may differ."),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: usdField,
});

export const ProviderUsage = z.object({ data: z.array(ProviderUsageRow) }).meta({ id: "ProviderUsage" });
export type ProviderUsage = z.output<typeof ProviderUsage>;

/**
 * What the ledger says of one provider by day and model, to be compared with what the provider says.
 * From the ledger itself, since only it knows under which name the provider was asked.
 * @throws ServiceError "invalid", "forbidden" for all but administrators
 */
export async function providerUsage(
  ctx: ServiceContext,
  query: z.input<typeof ProviderUsageQuery>,
): Promise<ProviderUsage> {
  const { provider, ...days } = parseInput(ProviderUsageQuery, query);
  const [from, to] = [new Date(days.from), new Date(days.to)];
  if (from > to) throw invalidField("to", "The end is before the beginning.");
  if (to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) throw invalidField("to", "At most a year at once.");
  return overWholeBooks(ctx, async (tx) => {
    const [kept] = await tx.select({ from: ledgerState.keptFrom }).from(ledgerState);
    if (kept !== undefined && from < kept.from) {
      const since = kept.from.toISOString();
      throw invalidField("from", `Older requests have been removed: the ledger is whole from ${since} on.`);
    }
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
    return {
      data: rows.map((row) => ({
        day: row.day,
        model: row.model,
        requests: Number(row.requests),
        estimated_requests: Number(row.estimated),
        input_tokens: Number(row.inputTokens),
        output_tokens: Number(row.outputTokens),
        cost_usd: usdText(row.costUsd),
      })),
    };
  });
}
