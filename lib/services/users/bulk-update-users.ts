import { isDeepStrictEqual } from "node:util";
import { and, asc, inArray, type SQL } from "drizzle-orm";
import { z } from "zod";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { users } from "#lib/db/schema/identity";
import { invalidField, ServiceError } from "#lib/http/errors";
import { dateField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { userFilter, userFilterConditions } from "./list-users";
import { updateUser } from "./update-user";
import { toUser, type User, userColumns, userFields } from "./user";
import { visibleUsers } from "./user-access";
import { userTitle } from "./user-title";

/** All of them are changed in one transaction. */
const MOST_USERS = 1000;
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
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    path: ["filter"],
    error: "Give ids or a filter, and not both.",
  });

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
    })
    .meta({ id: "BulkUpdate" }),
  run: async (ctx, { ids, filter, set }) =>
    retryingTransaction(ctx.db, async (tx) => {
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
      let changed = 0;
      for (const before of rows.map(toUser)) {
        const after = await updateUser(
          { ...ctx, db: tx },
          { id: before.id, ...changesOf(before, set) },
        ).catch((error: unknown) => {
          if (!(error instanceof ServiceError)) throw error;
          throw new ServiceError(error.code, `${userTitle(before)}: ${error.message}`, error.fields);
        });
        if (!isDeepStrictEqual(before, after)) changed++;
      }
      return { matched: rows.length, changed };
    }),
});

/** What to set for one user. */
function changesOf(
  { payment_valid_until: until }: User,
  { extend_days: days, ...set }: z.output<typeof changes>,
) {
  if (days === undefined || until === null) return set;
  const from = Math.max(Date.parse(until), Math.floor(Date.now() / DAY_MS) * DAY_MS);
  return { ...set, payment_valid_until: new Date(from + days * DAY_MS).toISOString().slice(0, 10) };
}
