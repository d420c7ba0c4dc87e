import type { ServiceContext } from "#lib/services/context";
import { type KeyBounds, readKeyBounds } from "#lib/services/keys/key-bounds";
import type { User } from "#lib/services/users/user";

/** What bounds the keys of a user whom the actor sees. */
export async function userBounds(
  { db }: ServiceContext,
  { id, organization_id: organizationId, allowed_models }: User,
): Promise<KeyBounds> {
  if (organizationId !== null) return readKeyBounds(db, { organizationId, userId: id });
  return { organizationModels: null, userModels: allowed_models, memberKeys: null };
}
