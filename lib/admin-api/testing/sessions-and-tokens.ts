import type { Actor, UserActor } from "#lib/auth/actor";
import { newAdminToken } from "#lib/auth/admin-token";
import type { Db } from "#lib/db/client";
import { adminTokens } from "#lib/db/schema/identity";
import { hashSecret } from "#lib/services/testing/context";

/** Adds an admin token, of the role admin unless given another. Returns its secret. */
export async function addAdminToken(
  db: Db,
  values: Partial<typeof adminTokens.$inferInsert> = {},
): Promise<string> {
  const secret = newAdminToken();
  await db.insert(adminTokens).values({
    name: "script",
    role: "admin",
    tokenHash: hashSecret(secret),
    tokenPrefix: secret.slice(0, 10),
    createdBy: "test",
    ...values,
  });
  return secret;
}

/** The actor of a session: only a user has one. */
export function sessionOf(actor: Actor): UserActor {
  if (actor.kind !== "user") throw new Error("the actor is not a user");
  return actor;
}
