import { and, eq, sql } from "drizzle-orm";
import type { Db } from "#lib/db/client";
import { adminTokens, users } from "#lib/db/schema/identity";
import { log } from "#lib/observability/log";
import type { TokenActor } from "./actor";
import { checksum, randomBase62 } from "./api-key";
import { rightsBoundBy } from "./token-rights";

const PREFIX = "tgadm_";
const TOKEN_SHAPE = /^tgadm_[0-9A-Za-z]{38}$/;
const RECORDED_EVERY_MS = 60_000;

/** Creates an admin token: `tgadm_<32 random base62 characters><6 of checksum>`, like an API key. */
export function newAdminToken(): string {
  const body = PREFIX + randomBase62(32);
  return body + checksum(body);
}

/** Whether a string can be an admin token. Others are rejected without a query. */
export function isPlausibleAdminToken(token: string): boolean {
  return TOKEN_SHAPE.test(token) && token.slice(-6) === checksum(token.slice(0, -6));
}

/** The columns that a request with an admin token reads. */
export const usedTokenColumns = {
  id: adminTokens.id,
  name: adminTokens.name,
  role: adminTokens.role,
  organizationId: adminTokens.organizationId,
  expiresAt: adminTokens.expiresAt,
  lastUsedAt: adminTokens.lastUsedAt,
  makerId: adminTokens.makerId,
};

/**
 * Reads the actor of an admin token from the database, with the rights that its maker leaves it now.
 * @returns null for an unknown, deleted or expired token, and for one whose maker has left its organization
 */
export async function readAdminToken(
  db: Db,
  hashSecret: (secret: string) => Buffer,
  token: string,
): Promise<TokenActor | null> {
  if (!isPlausibleAdminToken(token)) return null;
  // The query searches for the keyed hash, so that no comparison can be timed.
  const [row] = await db
    .select({
      ...usedTokenColumns,
      maker: { role: users.role, organizationId: users.organizationId },
    })
    .from(adminTokens)
    .leftJoin(users, eq(users.id, adminTokens.makerId))
    .where(
      and(eq(adminTokens.tokenHash, hashSecret(token)), sql`(${adminTokens.expiresAt} > now()) is not false`),
    );
  if (row === undefined) return null;
  const rights = row.maker === null ? row : rightsBoundBy(row.maker, row);
  if (rights === null) return null;
  if (row.lastUsedAt === null || Date.now() - row.lastUsedAt.getTime() > RECORDED_EVERY_MS)
    recordUse(db, row.id);
  const { id, name, expiresAt, makerId } = row;
  const { role, organizationId } = rights;
  return { kind: "token", id, name, role, organizationId, expiresAt, makerId };
}

/** In the background: the request neither waits for it nor fails with it. */
function recordUse(db: Db, id: string): void {
  db.update(adminTokens)
    .set({ lastUsedAt: sql`now()` })
    .where(eq(adminTokens.id, id))
    .catch((error: unknown) => log.warn({ err: error }, "failed to record the use of an admin token"));
}
