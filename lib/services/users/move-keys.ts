import { and, eq, gt, isNull, or } from "drizzle-orm";
import type { Tx } from "#lib/db/client";
import { apiKeys } from "#lib/db/schema/identity";
import { invalidField, ServiceError } from "#lib/http/errors";
import { activeKeysOf, latestEnd, readKeyBounds } from "#lib/services/keys/key-bounds";

/** What moved, for the audit log. */
export type MovedKeys = {
  moved: number;
  /** The keys that now end earlier: each with its name and id. */
  shortened: string[];
};

/**
 * Moves a locked user's keys to another organization, whose `member_keys` they then obey: the ends are shortened to
 * `max_days` from now, and addresses and models bind the next request. No key is lost silently, so more active keys
 * than `max` are an error.
 * @param organizationId null for an administrator of the installation, who has no keys
 * @throws ServiceError "invalid" if there are too many keys, "conflict" if they would have no organization
 */
export async function moveKeys(tx: Tx, userId: string, organizationId: string | null): Promise<MovedKeys> {
  if (organizationId === null) {
    if ((await tx.$count(apiKeys, eq(apiKeys.userId, userId))) === 0) return { moved: 0, shortened: [] };
    throw new ServiceError("conflict", "The user has keys, which need an organization. Delete them first.");
  }
  const bounds = await readKeyBounds(tx, { organizationId, userId });
  await requireRoomForKeys(tx, userId, bounds.memberKeys?.max ?? null);
  const shortened = await shortenKeys(tx, userId, latestEnd(bounds, new Date()));
  const moved = await tx
    .update(apiKeys)
    .set({ organizationId })
    .where(eq(apiKeys.userId, userId))
    .returning({ id: apiKeys.id });
  return { moved: moved.length, shortened };
}

async function requireRoomForKeys(tx: Tx, userId: string, max: number | null): Promise<void> {
  if (max === null) return;
  const active = await tx.$count(apiKeys, activeKeysOf(userId));
  if (active <= max) return;
  throw invalidField(
    "organization_id",
    `That organization's member_keys.max is ${max}, and the user has ${active} active ${active === 1 ? "key" : "keys"}: revoke or delete ${active - max} first.`,
  );
}

async function shortenKeys(tx: Tx, userId: string, end: Date | null): Promise<string[]> {
  if (end === null) return [];
  const shortened = await tx
    .update(apiKeys)
    .set({ expiresAt: end })
    .where(
      and(
        eq(apiKeys.userId, userId),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, end)),
      ),
    )
    .returning({ id: apiKeys.id, name: apiKeys.name });
  return shortened.map(({ id, name }) => `${name} (${id})`);
}
