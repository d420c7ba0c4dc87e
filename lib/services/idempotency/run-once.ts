import { and, eq, sql } from "drizzle-orm";
import { open, seal } from "#lib/config/seal";
import type { Tx } from "#lib/db/client";
import { idempotencyKeys } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";

/** What is remembered of an answer: its status and its body's text. */
export type Answer = { status: number; body: string };

export type OnceOutcome =
  | { kind: "ran" | "replayed"; answer: Answer }
  /** The key stands for another request. */
  | { kind: "reused" };

export type Once = {
  key: string;
  /** A digest of the request: the same key with another one is an error. */
  fingerprint: Buffer;
  /** ENCRYPTION_KEY: an answer may hold a new secret, so it is sealed. */
  encryptionKey: string;
};

/** For how long an answer is given again: as long as anybody should go on trying. */
export const REMEMBERED = sql`interval '24 hours'`;

/**
 * Runs a request at most once per caller and key. What it does and that it was done are one transaction:
 * `run` gets its context and must work in it. Who comes with the same key meanwhile waits for its end. A
 * request that fails is not remembered and may be tried again.
 * @throws what `run` throws
 */
export async function runOnce(
  ctx: ServiceContext,
  { key, fingerprint, encryptionKey }: Once,
  run: (ctx: ServiceContext) => Promise<Answer>,
): Promise<OnceOutcome> {
  return ctx.db.transaction(async (tx) => {
    const id = await claim(tx, ctx.actor.id, key, fingerprint);
    if (id === null) return replay(tx, ctx.actor.id, { key, fingerprint, encryptionKey });
    const answer = await run({ ...ctx, db: tx });
    await tx
      .update(idempotencyKeys)
      .set({ status: answer.status, answer: seal(answer.body, encryptionKey) })
      .where(eq(idempotencyKeys.id, id));
    return { kind: "ran", answer };
  });
}

/** The row's id, or null where another request has it. One too old counts as none, also before it is deleted. */
async function claim(tx: Tx, actorId: string, key: string, fingerprint: Buffer): Promise<number | null> {
  const [claimed] = await tx
    .insert(idempotencyKeys)
    .values({ actorId, key, fingerprint })
    .onConflictDoUpdate({
      target: [idempotencyKeys.actorId, idempotencyKeys.key],
      set: { fingerprint, status: null, answer: null, createdAt: sql`now()` },
      setWhere: sql`${idempotencyKeys.createdAt} < now() - ${REMEMBERED}`,
    })
    .returning({ id: idempotencyKeys.id });
  return claimed?.id ?? null;
}

async function replay(tx: Tx, actorId: string, once: Once): Promise<OnceOutcome> {
  const [row] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.actorId, actorId), eq(idempotencyKeys.key, once.key)));
  if (row === undefined || row.status === null || row.answer === null) {
    throw new Error("an idempotency key was claimed and never answered");
  }
  if (!row.fingerprint.equals(once.fingerprint)) return { kind: "reused" };
  return { kind: "replayed", answer: { status: row.status, body: open(row.answer, once.encryptionKey) } };
}
