import { and, eq } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import type { Db, Tx } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { visibleUsers } from "./user-access";

type Named = { externalId: string; organizationId: string | undefined };

/**
 * The id of the user whom another system knows by an id of its own.
 * @param field that names the user
 * @throws ServiceError "not_found" if there is none that the actor may see, "conflict" if several organizations have one
 */
export async function findExternalUser(
  db: Db | Tx,
  actor: Actor,
  { externalId, organizationId }: Named,
  field: string,
): Promise<string> {
  const [found, other] = await db
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.externalId, externalId),
        organizationId === undefined ? undefined : eq(users.organizationId, organizationId),
        visibleUsers(actor),
      ),
    )
    .limit(2);
  if (found === undefined) {
    const message = "User not found.";
    throw new ServiceError("not_found", message, { [field]: message });
  }
  if (other === undefined) return found.id;
  const message =
    "Several organizations have a user with this external id. Say which one by organization_id.";
  throw new ServiceError("conflict", message, { organization_id: message });
}
