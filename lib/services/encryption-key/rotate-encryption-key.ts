import { z } from "zod";
import type { Db, Tx } from "#lib/db/client";
import { installationSecrets } from "#lib/db/schema/identity";
import { SEALED_COLUMNS, type SealedColumn } from "#lib/db/schema/sealed-columns";
import { ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { verb } from "#lib/services/verb";
import { columnName, resealBatch } from "./reseal-batch";

/** How long a call goes on. */
const WORK_MS = 10_000;

const Counts = z.record(z.string(), z.int()).describe("By column, like `providers.credentials`.");

const KeyRotation = z
  .object({
    done: z.boolean().describe("False: call again, there is more to do."),
    resealed: Counts,
    unreadable: Counts.describe(
      "What no key of this process opens, and is left as it is: it was sealed with a key from before, or is damaged.",
    ),
    has_previous_key: z
      .boolean()
      .describe("Whether the process that answered has an ENCRYPTION_KEY_PREVIOUS."),
  })
  .meta({ id: "EncryptionKeyRotation" });
export type KeyRotation = z.output<typeof KeyRotation>;

/**
 * Seals everything anew that is not sealed with ENCRYPTION_KEY, and opens it with ENCRYPTION_KEY_PREVIOUS: first what
 * hashes depend on, from when on all processes seal with the new key. In small transactions, so that it can be
 * interrupted and repeated at any time, and by several at once.
 * @throws ServiceError "conflict" if this process has neither key in use
 */
export const rotateEncryptionKey = verb({
  role: "admin",
  input: z.strictObject({}),
  output: KeyRotation,
  run: async (ctx: ServiceContext) => rotate(ctx, WORK_MS),
});

/** The same with a time limit, for tests. */
export async function rotate(ctx: ServiceContext, workMs: number): Promise<KeyRotation> {
  const endMs = performance.now() + workMs;
  const resealed = new Map<string, number>();
  const unreadable = new Map<string, number>();
  let done = true;
  for (const column of SEALED_COLUMNS) {
    const name = columnName(column);
    const counts = await resealColumn(ctx, column, endMs);
    if (counts.resealed > 0) resealed.set(name, counts.resealed);
    if (counts.unreadable > 0) unreadable.set(name, counts.unreadable);
    done &&= counts.done;
  }
  const result = {
    done,
    resealed: Object.fromEntries(resealed),
    unreadable: Object.fromEntries(unreadable),
    has_previous_key: ctx.config.ENCRYPTION_KEY_PREVIOUS !== undefined,
  };
  if (resealed.size > 0) await ctx.db.transaction((tx) => audit(tx, ctx, result));
  return result;
}

async function resealColumn(
  { db, config }: { db: Db | Tx; config: ServiceContext["config"] },
  column: SealedColumn,
  endMs: number,
): Promise<{ resealed: number; unreadable: number; done: boolean }> {
  const total = { resealed: 0, unreadable: 0 };
  let after: string | number | null = null;
  do {
    if (performance.now() > endMs) return { ...total, done: false };
    const batch: Awaited<ReturnType<typeof resealBatch>> = await db.transaction((tx) =>
      resealBatch(tx, column, config, after),
    );
    // Nothing else may be sealed with the new key before this is.
    if (batch.unreadable > 0 && column.table === installationSecrets) {
      throw new ServiceError(
        "conflict",
        "The process that got this request has neither ENCRYPTION_KEY in use. Start all processes with the new key as ENCRYPTION_KEY, and the one before as ENCRYPTION_KEY_PREVIOUS.",
      );
    }
    total.resealed += batch.resealed;
    total.unreadable += batch.unreadable;
    after = batch.last;
  } while (after !== null);
  return { ...total, done: true };
}

const audit = (tx: Tx, ctx: ServiceContext, { resealed, unreadable, done }: KeyRotation): Promise<void> =>
  recordAudit(tx, ctx, {
    action: "installation.rotate_encryption_key",
    subjectType: "installation",
    subjectId: "encryption_key",
    organizationId: null,
    after: { resealed, unreadable, done },
  });
