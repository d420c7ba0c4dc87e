import { isDeepStrictEqual } from "node:util";
import { and, asc, eq, inArray, isNull, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { apiKeys, users } from "#lib/db/schema/identity";
import { trialTransaction } from "#lib/db/trial-transaction";
import { invalidField, ServiceError } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import { dateField } from "#lib/services/fields";
import { requireMayManageKey } from "#lib/services/keys/key-access";
import { revokeLocked } from "#lib/services/keys/revoke-key";
import { verb } from "#lib/services/verb";
import { userFilter, userFilterConditions } from "./list-users";
import { updateUser } from "./update-user";
import { toUser, User, userColumns, userFields } from "./user";
import { visibleUsers } from "./user-access";
import { userTitle } from "./user-title";

/** All of them are changed in one transaction. */
export const MOST_USERS = 1000;
const DAY_MS = 86_400_000;
const MOST_DAYS = 3660;

const changes = z
  .strictObject({
    payment_valid_until: dateField.nullable().optional(),
    extend_days: z
      .int()
      .min(1)
      .max(MOST_DAYS)
      .optional()
      .describe(
        "Moves the payment date by these days: from today if it has passed. Users without a date keep none.",
      ),
    budget: userFields.budget,
    role: userFields.role.optional(),
    revoke_keys: z.literal(true).optional().describe("Revokes all of their keys, for good."),
  })
  .refine((set) => Object.values(set).some((value) => value !== undefined), "Set at least one field.")
  .refine((set) => set.payment_valid_until === undefined || set.extend_days === undefined, {
    error: "Set payment_valid_until or extend_days, not both.",
  });

const Input = z
  .strictObject({
    ids: z.array(z.uuid("Must be a user's id.")).min(1).max(MOST_USERS).optional(),
    filter: z
      .strictObject(userFilter)
      .optional()
      .describe("As of `GET /users`. An empty one is all users that you see."),
    set: changes,
    dry_run: z.boolean().default(false).describe("Whether to say what would change and write nothing."),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    path: ["filter"],
    error: "Give ids or a filter, and not both.",
  });

const Changeable = User.pick({ role: true, payment_valid_until: true, payment_status: true, budget: true });

const UserChange = z
  .object({
    id: z.uuid(),
    name: z.string().describe("Or else the e-mail address, or the external id."),
    before: Changeable,
    after: Changeable,
    revoked_keys: z.int(),
  })
  .meta({ id: "UserChange" });
export type UserChange = z.output<typeof UserChange>;

/**
 * Changes many users at once, all or none of them, each as `updateUser` does and with an audit row of its own.
 * @throws ServiceError "not_found" for an id of no user that the actor sees, "invalid" for more than a thousand users, and what `updateUser` throws, with the user's name
 */
export const bulkUpdateUsers = verb({
  role: "org_admin",
  input: Input,
  output: z
    .object({
      matched: z.int().describe("Users that the ids or the filter name."),
      changed: z.int().describe("Those of them that were different before."),
      changes: z.array(UserChange).optional().describe("In a dry run: what would change."),
    })
    .meta({ id: "BulkUpdate" }),
  run: async (ctx, { ids, filter, set, dry_run }) =>
    trialTransaction(ctx.db, async (tx) => {
      const wanted: (SQL | undefined)[] =
        ids === undefined ? userFilterConditions(filter ?? {}) : [inArray(users.id, ids)];
      const rows = await tx
        .select(userColumns)
        .from(users)
        .where(and(visibleUsers(ctx.actor), ...wanted))
        // In the order in which others lock users, too.
        .orderBy(asc(users.id))
        .limit(MOST_USERS + 1);
      if (rows.length > MOST_USERS) {
        throw invalidField("filter", `More than ${MOST_USERS} users match: narrow the filter.`);
      }
      const found = new Set(rows.map(({ id }) => id));
      const missing = (ids ?? []).findIndex((id) => !found.has(id));
      // Without the id: the answer is the same for one of another tenant as for one of no user.
      if (missing >= 0) {
        throw new ServiceError("not_found", "User not found.", { [`ids.${missing}`]: "User not found." });
      }
      const changes: UserChange[] = [];
      for (const before of rows.map(toUser)) {
        const change = await changeUser({ ...ctx, db: tx }, tx, before, set).catch((error: unknown) => {
          if (!(error instanceof ServiceError)) throw error;
          throw new ServiceError(error.code, `${userTitle(before)}: ${error.message}`, error.fields);
        });
        if (change !== null) changes.push(change);
      }
      const result = { matched: rows.length, changed: changes.length, ...(dry_run ? { changes } : {}) };
      return { result, keep: !dry_run };
    }),
});

type Changes = z.output<typeof changes>;

/** @returns null for a user who has all of it already */
async function changeUser(
  ctx: ServiceContext,
  tx: Tx,
  before: User,
  { revoke_keys: revokes, ...set }: Changes,
): Promise<UserChange | null> {
  const { id } = before;
  const after = await updateUser(ctx, { id, ...changesOf(before, set) });
  const revoked = revokes ? await revokeKeysOf(ctx, tx, id) : 0;
  if (isDeepStrictEqual(before, after) && revoked === 0) return null;
  return {
    id,
    name: userTitle(before),
    before: Changeable.parse(before),
    after: Changeable.parse(after),
    revoked_keys: revoked,
  };
}

/** @returns how many worked until now */
async function revokeKeysOf(ctx: ServiceContext, tx: Tx, userId: string): Promise<number> {
  const keys = await tx
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt)))
    .orderBy(asc(apiKeys.id))
    .for("update");
  for (const key of keys) {
    requireMayManageKey(ctx.actor, key, "revoke");
    await revokeLocked(tx, ctx, key);
  }
  return keys.length;
}

/** What to set for one user. */
function changesOf(
  { payment_valid_until: until }: User,
  { extend_days: days, ...set }: Omit<Changes, "revoke_keys">,
) {
  if (days === undefined || until === null) return set;
  const from = Math.max(Date.parse(until), Math.floor(Date.now() / DAY_MS) * DAY_MS);
  return { ...set, payment_valid_until: new Date(from + days * DAY_MS).toISOString().slice(0, 10) };
}
