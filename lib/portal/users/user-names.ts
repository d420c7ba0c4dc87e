import { and, eq, inArray, sql } from "drizzle-orm";
import { formerNames } from "#lib/db/schema/former-names";
import { users } from "#lib/db/schema/identity";
import type { ServiceContext } from "#lib/services/context";
import { visibleUsers } from "#lib/services/users/user-access";
import { userName } from "#lib/services/users/user-name";

/**
 * The names of users, or else their e-mail addresses, by id: of those that the actor sees, and of those who have left
 * the actor's organization, as it knew them. Members know only their own.
 */
export async function userNames(
  { db, actor }: ServiceContext,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const knowsFormer = actor.role !== "member" && actor.organizationId !== null;
  const [current, former] = await Promise.all([
    db
      .select({ id: users.id, name: sql<string>`${userName}` })
      .from(users)
      .where(and(inArray(users.id, [...ids]), visibleUsers(actor))),
    knowsFormer
      ? db
          .select({ id: formerNames.subjectId, name: formerNames.name })
          .from(formerNames)
          .where(
            and(
              eq(formerNames.organizationId, actor.organizationId ?? ""),
              inArray(formerNames.subjectId, [...ids]),
            ),
          )
      : [],
  ]);
  return new Map([...former, ...current].map(({ id, name }) => [id, name]));
}
