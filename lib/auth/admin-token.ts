import { and, eq, sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { adminTokens } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import type { TokenActor } from "./actor";
import { checksum, randomBase62 } from "./api-key";

const PREFIX = "tgadm_";
const TOKEN_SHAPE = /^tgadm_[0-9A-Za-z]{38}$/;
const NOTED_EVERY_MS = 60_000;

/** Makes an admin token: `tgadm_<32 random base62 characters><6 of checksum>`, as an API key has them. */
export function newAdminToken(): string {
  const body = PREFIX + randomBase62(32);
  return body + checksum(body);
}

/** Whether a string can be an admin token at all; what is not is refused without asking the database. */
export function isPlausibleAdminToken(token: string): boolean {
  return TOKEN_SHAPE.test(token) && token.slice(-6) === checksum(token.slice(0, -6));
}

/**
 * Who an admin token stands for, as the database has it now.
 * @returns null for one that is unknown, deleted or expired
 */
export async function readAdminToken(
  db: Db,
  hashSecret: (secret: string) => Buffer,
  token: string,
): Promise<TokenActor | null> {
  if (!isPlausibleAdminToken(token)) return null;
  // The keyed hash is what is searched for, so that no comparison is left to be timed.
  const [row] = await db
    .select({
      id: adminTokens.id,
      name: adminTokens.name,
      role: adminTokens.role,
      organizationId: adminTokens.organizationId,
      expiresAt: adminTokens.expiresAt,
      lastUsedAt: adminTokens.lastUsedAt,
    })
    .from(adminTokens)
    .where(
      and(eq(adminTokens.tokenHash, hashSecret(token)), sql`(${adminTokens.expiresAt} > now()) is not false`),
    );
  if (row === undefined) return null;
  if (row.lastUsedAt === null || Date.now() - row.lastUsedAt.getTime() > NOTED_EVERY_MS) noteUse(db, row.id);
  const { id, name, role, organizationId, expiresAt } = row;
  return { kind: "token", id, name, role, organizationId, expiresAt };
}

/** Beside the request, which neither waits for it nor fails with it. */
function noteUse(db: Db, id: string): void {
  db.update(adminTokens)
    .set({ lastUsedAt: sql`now()` })
    .where(eq(adminTokens.id, id))
    .catch((error: unknown) => log.warn({ err: error }, "the use of an admin token was not noted"));
}
