import { and, count, sql } from "drizzle-orm";
import { users } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { MOST_USERS } from "#lib/services/users/bulk-update-users";
import { listUsers, userFilterConditions } from "#lib/services/users/list-users";
import { visibleUsers } from "#lib/services/users/user-access";
import type { InputOf } from "#lib/services/verb";

/** How many users match a filter; null for more than can be changed at once. */
export async function matchingUsers(
  { db, actor }: ServiceContext,
  filter: InputOf<typeof listUsers>,
): Promise<number | null> {
  const { limit: _, cursor: __, ...wanted } = parseInput(listUsers.input, filter);
  const matching = db
    .select({ one: sql`1`.as("one") })
    .from(users)
    .where(and(visibleUsers(actor), ...userFilterConditions(wanted)))
    .limit(MOST_USERS + 1)
    .as("matching");
  const [{ found } = { found: 0 }] = await db.select({ found: count() }).from(matching);
  return found > MOST_USERS ? null : found;
}
