import { and, eq, sql } from "drizzle-orm";
import { open, type SealedPlace, seal } from "#lib/config/seal";
import type { Tx } from "#lib/db/client";
import { idempotencyKeys } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";

/** A stored answer. */
export type Answer = { status: number; body: string };

type OnceOutcome =
  | { kind: "ran" | "replayed"; answer: Answer }
  /** The key belongs to a different request. */
  | { kind: "reused" };

export type Once = {
  key: string;
  /** A digest of the request. */
  fingerprint: Buffer;
};

/** How long an answer is replayed: longer than any client retries. */
export const RETENTION = sql`interval '24 hours'`;

/**
 * Runs a request at most once per caller and key. The change and the stored answer share one transaction,
 * which `run` must use; a concurrent request with the same key waits for it. A failed request stores nothing
 * and may be retried. Answers are sealed, since they may have a new secret.
 * @throws what `run` throws
 */
export async function runOnce(
  ctx: ServiceContext,
  once: Once,
  run: (ctx: ServiceContext) => Promise<Answer>,
): Promise<OnceOutcome> {
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx };
    const id = await claim(tx, ctx.actor.id, once);
    if (id === null) return replay(ctx, tx, once);
    const answer = await run(inside);
    await tx
      .update(idempotencyKeys)
      .set({
        status: answer.status,
        answer: seal(answer.body, ctx.config.ENCRYPTION_KEY, answerOf(id)),
      })
      .where(eq(idempotencyKeys.id, id));
    return { kind: "ran", answer };
  });
}

const answerOf = (id: number): SealedPlace => ({ table: "idempotency_keys", row: id, column: "answer" });

/** The new row's id, or null if the key is taken. A row past retention that is not yet deleted is reused. */
async function claim(tx: Tx, actorId: string, { key, fingerprint }: Once): Promise<number | null> {
  const [claimed] = await tx
    .insert(idempotencyKeys)
    .values({ actorId, key, fingerprint })
    .onConflictDoUpdate({
      target: [idempotencyKeys.actorId, idempotencyKeys.key],
      set: { fingerprint, status: null, answer: null, createdAt: sql`now()` },
      setWhere: sql`${idempotencyKeys.createdAt} < now() - ${RETENTION}`,
    })
    .returning({ id: idempotencyKeys.id });
  return claimed?.id ?? null;
}

async function replay(ctx: ServiceContext, tx: Tx, once: Once): Promise<OnceOutcome> {
  const [row] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.actorId, ctx.actor.id), eq(idempotencyKeys.key, once.key)));
  if (row === undefined || row.status === null || row.answer === null) {
    throw new Error("an idempotency key is claimed and has no answer");
  }
  if (!row.fingerprint.equals(once.fingerprint)) return { kind: "reused" };
  const body = open(row.answer, ctx.config.ENCRYPTION_KEY, answerOf(row.id));
  return { kind: "replayed", answer: { status: row.status, body } };
}
