import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { type EncryptionKeys, openIfPossible, type SealedPlace } from "#lib/config/seal";
import type { Tx } from "#lib/db/client";
import { idempotencyKeys } from "#lib/db/schema/identity";
import { placeIn } from "#lib/db/schema/sealed-columns";
import { ServiceError } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { sealIn } from "#lib/services/sealing";
import { judgeReplay } from "./judge-replay";

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

/** What is sealed: the answer, and the rights of the caller who got it. */
const Stored = z.object({ body: z.string(), role: z.string(), organizationId: z.string().nullable() });

/**
 * Runs a request at most once per caller and key. The change and the stored answer share one transaction,
 * which `run` must use; a concurrent request with the same key waits for it. A failed request stores nothing
 * and may be retried. A replay is judged like a first call (`judgeReplay`). Answers are sealed, since they may have a
 * new secret.
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
    if (id === null) return replay(inside, tx, once, run);
    const answer = await run(inside);
    const { role, organizationId } = ctx.actor;
    const stored: z.output<typeof Stored> = { body: answer.body, role, organizationId };
    const seal = await sealIn(tx, ctx.config);
    await tx
      .update(idempotencyKeys)
      .set({
        status: answer.status,
        answer: seal(JSON.stringify(stored), answerOf(id)),
      })
      .where(eq(idempotencyKeys.id, id));
    return { kind: "ran", answer };
  });
}

const answerOf = (id: number): SealedPlace => placeIn(idempotencyKeys.answer, id);

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

async function replay(
  ctx: ServiceContext,
  tx: Tx,
  once: Once,
  run: (ctx: ServiceContext) => Promise<Answer>,
): Promise<OnceOutcome> {
  const [row] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.actorId, ctx.actor.id), eq(idempotencyKeys.key, once.key)));
  if (row === undefined || row.status === null || row.answer === null) {
    throw new Error("an idempotency key is claimed and has no answer");
  }
  if (!row.fingerprint.equals(once.fingerprint)) return { kind: "reused" };
  const text = opened(row.answer, ctx.config, answerOf(row.id));
  const { body, ...rights } = Stored.parse(JSON.parse(text));
  const isUnchanged = rights.role === ctx.actor.role && rights.organizationId === ctx.actor.organizationId;
  await judgeReplay(tx, { body, isUnchanged }, async (attempt) => {
    const answer = await run({ ...ctx, db: attempt });
    return answer.body;
  });
  return { kind: "replayed", answer: { status: row.status, body } };
}

function opened(sealed: Buffer, keys: EncryptionKeys, place: SealedPlace): string {
  const text = openIfPossible(sealed, keys, place);
  if (text !== null) return text;
  throw new ServiceError(
    "conflict",
    "The answer to the first request with this Idempotency-Key cannot be decrypted: ENCRYPTION_KEY has changed. Send a new key if the request should run again.",
  );
}
