import { inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { ensurePriceVersions } from "#lib/credit/prices/price-version";
import type { Tx } from "#lib/db/client";
import { importedPrices } from "#lib/db/schema/routing";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import { lockModels } from "#lib/services/models/lock-models";
import { type RoutingContext, requireRoutingAdministrator } from "#lib/services/providers/routing-context";
import { findImportedPrice } from "./catalogue-price";
import { type LiteLlmEntry, litellmEntry } from "./litellm-entry";
import { repriceTargets } from "./reprice-targets";

const MOST_ENTRIES = 20_000;
const MOST_SKIPPED_SHOWN = 1000;
const ROWS_PER_STATEMENT = 1000;
/** What the table's key takes with an index over it. */
const LONGEST_NAME = 500;
/** LiteLLM's file explains its fields in an entry that is no model. */
const EXPLANATION = "sample_spec";

export const ImportPricesInput = z
  .record(z.string(), z.unknown())
  .refine((catalogue) => Object.keys(catalogue).length <= MOST_ENTRIES, `At most ${MOST_ENTRIES} models.`)
  .describe(
    "LiteLLM's model_prices_and_context_window.json: model names to `input_cost_per_token`, `output_cost_per_token`, `cache_read_input_token_cost` and so on.",
  );

/** What an import has done. Models that are not in the file keep their prices. */
export const PriceImport = z
  .object({
    imported: z.int().describe("Models whose price is new or has changed."),
    unchanged: z.int(),
    skipped: z
      .array(z.object({ model: z.string(), reason: z.string() }))
      .describe(`What Tollgate cannot bill exactly, and why; at most ${MOST_SKIPPED_SHOWN} of them.`),
    skipped_total: z.int(),
    models_updated: z.int().describe("Models of this installation that now cost what the file says."),
  })
  .meta({ id: "PriceImport" });
export type PriceImport = z.output<typeof PriceImport>;

type Row = typeof importedPrices.$inferInsert;

/**
 * Takes prices from a LiteLLM catalogue. They go before the built-in catalogue's, for models to come and,
 * at once, for those whose price is not given by hand. An entry is taken whole or not at all. Audits it.
 * @throws ServiceError "invalid", "forbidden" for all but administrators
 */
export async function importPrices(
  ctx: RoutingContext,
  input: z.input<typeof ImportPricesInput>,
): Promise<PriceImport> {
  requireRoutingAdministrator(ctx);
  const catalogue = parseInput(ImportPricesInput, input);
  const entries: { model: string; entry: Exclude<LiteLlmEntry, { reason: string }> }[] = [];
  const skipped: PriceImport["skipped"] = [];
  for (const [model, value] of Object.entries(catalogue)) {
    if (model === EXPLANATION) continue;
    const entry = isName(model) ? litellmEntry(model, value) : { reason: "is no name of a model" };
    if ("reason" in entry) skipped.push({ model: model.slice(0, LONGEST_NAME), reason: entry.reason });
    else entries.push({ model, entry });
  }
  return ctx.db.transaction(async (tx) => {
    await lockModels(tx);
    const versionIds = await ensurePriceVersions(
      tx,
      entries.map(({ model, entry }) => ({
        source: "imported",
        origin: `litellm: ${model}`,
        rates: entry.rates,
      })),
    );
    const rows = entries.map(({ model, entry }, index) => {
      const priceVersionId = versionIds[index];
      if (priceVersionId === undefined) throw new Error("a price has no version");
      return {
        model,
        priceVersionId,
        contextWindow: entry.contextWindow,
        maxOutputTokens: entry.maxOutputTokens,
      };
    });
    const changed = await changedRows(tx, rows);
    await upsert(tx, changed);
    const repriced = await repriceTargets(tx, findImportedPrice);
    const updated = [...new Set(repriced.map((target) => target.model))];
    const counts = {
      imported: changed.length,
      unchanged: rows.length - changed.length,
      skipped_total: skipped.length,
      models_updated: updated.length,
    };
    if (changed.length > 0 || repriced.length > 0) {
      await recordAudit(tx, ctx, {
        action: "prices.import",
        subjectType: "price",
        subjectId: "litellm",
        organizationId: null,
        after: { ...counts, repriced },
      });
    }
    return { ...counts, skipped: skipped.slice(0, MOST_SKIPPED_SHOWN) };
  });
}

const isName = (model: string) => model.length <= LONGEST_NAME && /^[^\p{Cc}\p{Cs}]+$/u.test(model);

async function changedRows(tx: Tx, rows: readonly Row[]): Promise<Row[]> {
  const known = new Map<string, Row>();
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const names = rows.slice(start, start + ROWS_PER_STATEMENT).map((row) => row.model);
    const found = await tx.select().from(importedPrices).where(inArray(importedPrices.model, names));
    for (const row of found) known.set(row.model, row);
  }
  return rows.filter((row) => {
    const before = known.get(row.model);
    return (
      before?.priceVersionId !== row.priceVersionId ||
      before.contextWindow !== row.contextWindow ||
      before.maxOutputTokens !== row.maxOutputTokens
    );
  });
}

async function upsert(tx: Tx, rows: readonly Row[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    await tx
      .insert(importedPrices)
      .values(rows.slice(start, start + ROWS_PER_STATEMENT))
      .onConflictDoUpdate({
        target: importedPrices.model,
        set: {
          priceVersionId: sql`excluded.price_version_id`,
          contextWindow: sql`excluded.context_window`,
          maxOutputTokens: sql`excluded.max_output_tokens`,
          importedAt: sql`excluded.imported_at`,
        },
      });
  }
}
