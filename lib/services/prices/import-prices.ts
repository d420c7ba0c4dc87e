import { desc, inArray, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { pauses } from "#lib/config/pauses";
import { ensurePriceVersions } from "#lib/credit/prices/price-version";
import type { Db, Tx } from "#lib/db/client";
import { importedPrices } from "#lib/db/schema/routing";
import { ApiError } from "#lib/http/api-error";
import { rejectUnstorable } from "#lib/http/reject-unstorable";
import { recordAudit } from "#lib/services/audit/record-audit";
import { lockModels } from "#lib/services/models/lock-models";
import { type ActorContext, verb } from "#lib/services/verb";
import { MOST_ENTRIES } from "./catalogue-limits";
import { findImportedPrice } from "./catalogue-price";
import { type LiteLlmEntry, litellmEntry } from "./litellm-entry";
import { repriceTargets } from "./reprice-targets";

const MOST_SKIPPED_SHOWN = 1000;
/** To build a longer statement would hold the process for too long. */
const ROWS_PER_STATEMENT = 200;
/** The most that the table's primary key can index. */
const LONGEST_NAME = 500;
/** An entry of LiteLLM's file that explains its fields and is not a model. */
const EXPLANATION = "sample_spec";

type Catalogue = Readonly<Record<string, unknown>>;

const isObject = (given: unknown): given is object =>
  typeof given === "object" && given !== null && !Array.isArray(given);

/** Each entry is judged in its turn: zod would copy a large catalogue while others wait. */
const ImportPricesInput = z
  .custom<Catalogue>((given) => isObject(given) && Object.keys(given).length <= MOST_ENTRIES, {
    error: ({ input }) =>
      isObject(input) ? `At most ${MOST_ENTRIES} models.` : "Send model names with their prices.",
  })
  .meta({
    description:
      "LiteLLM's model_prices_and_context_window.json: model names to `input_cost_per_token`, `output_cost_per_token`, `cache_read_input_token_cost` and so on.",
    override: { type: "object", propertyNames: { type: "string" }, additionalProperties: {} },
  });

/** The result of an import. Models that are not in the file keep their prices. */
const PriceImport = z
  .object({
    imported: z.int().describe("Models whose price is new or has changed."),
    unchanged: z.int(),
    skipped: z
      .array(z.object({ model: z.string(), reason: z.string() }))
      .describe(
        `Models that Tollgate cannot bill exactly, and why. At most ${MOST_SKIPPED_SHOWN} are listed.`,
      ),
    skipped_total: z.int(),
    models_updated: z.int().describe("Models of this installation whose price has changed."),
  })
  .meta({ id: "PriceImport" });

type Row = typeof importedPrices.$inferInsert;
type NamedEntry = { model: string; entry: Exclude<LiteLlmEntry, { reason: string }> };
type Skipped = PriceImport["skipped"];

export type PriceImport = z.output<typeof PriceImport>;

/**
 * Imports prices from a LiteLLM catalogue, and audits it. They take precedence over the built-in catalogue,
 * at once also for existing models without a manual price. An entry is imported whole or not at all.
 * @throws ServiceError "invalid", "forbidden" for all but administrators
 */
export const importPrices = verb({
  role: "admin",
  input: ImportPricesInput,
  output: PriceImport,
  judgesTexts: true,
  run: (ctx, catalogue) => importCatalogue(ctx, catalogue),
});

type ImportContext = ActorContext & { db: Db | Tx; requestIp?: string | null };

/**
 * The same for a catalogue that is fetched again and again: one that prices less than half of the models that the last one
 * priced is broken, and changes nothing.
 * @throws ApiError upstream_error for such a one, ServiceError "invalid"
 */
export function refreshPrices(ctx: ImportContext, catalogue: Catalogue): Promise<PriceImport> {
  return importCatalogue(ctx, catalogue, { before: rejectMuchSmaller, after: markRefreshed });
}

async function rejectMuchSmaller(tx: Tx, entries: number): Promise<void> {
  const known = await pricedBefore(tx);
  if (entries > 0 && entries * 2 >= known) return;
  throw new ApiError(
    "upstream_error",
    `The catalogue prices ${entries} models, and the one before priced ${known}: nothing was changed.`,
  );
}

/** How many models the last refresh has priced, or all imports before the first. Names are never removed. */
async function pricedBefore(tx: Tx): Promise<number> {
  const [last] = await tx
    .select({ at: importedPrices.refreshedAt, models: sql<number>`count(*)::int` })
    .from(importedPrices)
    .where(isNotNull(importedPrices.refreshedAt))
    .groupBy(importedPrices.refreshedAt)
    .orderBy(desc(importedPrices.refreshedAt))
    .limit(1);
  return last?.models ?? (await tx.$count(importedPrices));
}

/** Marks the models that a refresh has priced, whether or not their price has changed. */
async function markRefreshed(tx: Tx, rows: readonly Row[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const names = rows.slice(start, start + ROWS_PER_STATEMENT).map(({ model }) => model);
    await tx
      .update(importedPrices)
      .set({ refreshedAt: sql`transaction_timestamp()` })
      .where(inArray(importedPrices.model, names));
  }
}

/** What a refresh does besides, in the transaction of the import. */
type ImportSteps = {
  before?: (tx: Tx, entries: number) => Promise<void>;
  after?: (tx: Tx, rows: readonly Row[]) => Promise<void>;
};

async function importCatalogue(
  ctx: ImportContext,
  catalogue: Catalogue,
  steps: ImportSteps = {},
): Promise<PriceImport> {
  const { entries, skipped } = await readCatalogue(catalogue);
  return ctx.db.transaction(async (tx) => {
    await lockModels(tx);
    await steps.before?.(tx, entries.length);
    const rows = await pricedRows(tx, entries);
    const changed = await changedRows(tx, rows);
    await upsert(tx, changed);
    await steps.after?.(tx, rows);
    const repriced = await repriceTargets(tx, findImportedPrice);
    const counts = {
      imported: changed.length,
      unchanged: rows.length - changed.length,
      skipped_total: skipped.length,
      models_updated: new Set(repriced.map((target) => target.model)).size,
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

async function readCatalogue(catalogue: Catalogue): Promise<{ entries: NamedEntry[]; skipped: Skipped }> {
  const pause = pauses();
  const entries: NamedEntry[] = [];
  const skipped: Skipped = [];
  for (const [model, value] of Object.entries(catalogue)) {
    rejectUnstorable({ [model]: value });
    const entry = entryOf(model, value);
    if ("reason" in entry) skipped.push({ model: model.slice(0, LONGEST_NAME), reason: entry.reason });
    else entries.push({ model, entry });
    await pause();
  }
  return { entries, skipped };
}

function entryOf(model: string, value: unknown): LiteLlmEntry {
  if (model === EXPLANATION) return { reason: "explains the fields of the file and is not a model" };
  return isName(model) ? litellmEntry(model, value) : { reason: "is not a valid model name" };
}

const isName = (model: string) => model.length <= LONGEST_NAME && /^[^\p{Cc}\p{Cs}]+$/u.test(model);

async function pricedRows(tx: Tx, entries: readonly NamedEntry[]): Promise<Row[]> {
  const versionIds = await ensurePriceVersions(
    tx,
    entries.map(({ model, entry }) => ({
      source: "imported",
      origin: `litellm: ${model}`,
      rates: entry.rates,
    })),
  );
  return entries.map(({ model, entry: { contextWindow, maxOutputTokens } }, index) => {
    const priceVersionId = versionIds[index];
    if (priceVersionId === undefined) throw new Error("a price has no version");
    return { model, priceVersionId, contextWindow, maxOutputTokens };
  });
}

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
