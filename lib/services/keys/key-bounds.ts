import { and, eq, gt, isNull, ne, or, sql } from "drizzle-orm";
import { isWithinRanges } from "#lib/config/address-ranges";
import type { Db, Tx } from "#lib/db/client";
import { apiKeys, type MemberKeys, organizations, users } from "#lib/db/schema/identity";
import { invalidField } from "#lib/http/errors";
import { namesOf, requireModelsWithin } from "#lib/services/allowed-models";

type Owner = { organizationId: string; userId: string | null };

/** What an organization and a user allow their keys. Null: all. */
export type KeyBounds = {
  organizationModels: string[] | null;
  userModels: string[] | null;
  /** Null for an organization's own keys, which belong to no person. */
  memberKeys: MemberKeys | null;
};

const DAY_MS = 86_400_000;

/** Reads the bounds of an owner's keys. */
export async function readKeyBounds(db: Db | Tx, { organizationId, userId }: Owner): Promise<KeyBounds> {
  const [row] = await db
    .select({
      organizationModels: organizations.allowedModels,
      memberKeys: organizations.memberKeys,
      userModels: users.allowedModels,
    })
    .from(organizations)
    .leftJoin(users, userId === null ? sql`false` : eq(users.id, userId))
    .where(eq(organizations.id, organizationId));
  if (row === undefined) throw new Error("the organization of a key was not found");
  return userId === null ? { ...row, memberKeys: null } : row;
}

/** The latest end that a key may get now. Null: it may have none. */
export const latestEnd = ({ memberKeys }: KeyBounds, now: Date): Date | null =>
  memberKeys?.max_days === undefined ? null : new Date(now.getTime() + memberKeys.max_days * DAY_MS);

/** The settings of a key that bounds limit; those that are left out are not judged. */
type Asked = {
  allowedModels?: string[] | null | undefined;
  allowedIps?: string[] | null | undefined;
  expiresAt?: Date | null | undefined;
};

/**
 * Rejects settings that are wider than the bounds. Null models and addresses add no bound of the key's own: every
 * request is judged by the owners' bounds, too.
 * @throws ServiceError "invalid" that names the bound and what it allows
 */
export async function requireWithinBounds(tx: Tx, bounds: KeyBounds, asked: Asked, now: Date): Promise<void> {
  const { organizationModels, userModels, memberKeys } = bounds;
  const models = asked.allowedModels ?? null;
  await requireModelsWithin(tx, models, organizationModels, "organization");
  await requireModelsWithin(tx, models, userModels, "user");
  const ranges = memberKeys?.allowed_ips ?? null;
  const outside =
    ranges === null ? undefined : asked.allowedIps?.find((range) => !isWithinRanges(range, ranges));
  if (ranges !== null && outside !== undefined) {
    throw invalidField(
      "allowed_ips",
      `The organization's member_keys.allowed_ips does not allow ${outside}. It allows ${namesOf(ranges)}.`,
    );
  }
  const end = latestEnd(bounds, now);
  if (asked.expiresAt === undefined || end === null) return;
  if (asked.expiresAt === null || asked.expiresAt > end) {
    throw invalidField(
      "expires_at",
      `The organization's member_keys.max_days is ${memberKeys?.max_days}: choose ${end.toISOString()} or earlier.`,
    );
  }
}

/**
 * Rejects a key that would be one too many for its person.
 * @param id the key itself, if it exists: it does not count
 * @throws ServiceError "invalid" that names the bound
 */
export async function requireRoomForKey(
  tx: Tx,
  { userId }: Owner,
  { memberKeys }: KeyBounds,
  id: string | null,
): Promise<void> {
  if (userId === null || memberKeys === null) return;
  // One at a time for each person. Keys refer to the row, which this lock does not keep them from.
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("no key update");
  const others = await tx.$count(
    apiKeys,
    and(activeKeysOf(userId), id === null ? undefined : ne(apiKeys.id, id)),
  );
  if (others < memberKeys.max) return;
  throw invalidField(
    "user_id",
    memberKeys.max === 0
      ? "The organization's member_keys.max is 0: its people may have no keys of their own."
      : `The organization's member_keys.max is ${memberKeys.max}, and this person has ${others} other active ${others === 1 ? "key" : "keys"}: revoke one first.`,
  );
}

/** The keys of a person that count: neither revoked nor expired. */
export const activeKeysOf = (userId: string) =>
  and(
    eq(apiKeys.userId, userId),
    isNull(apiKeys.revokedAt),
    or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
  );
