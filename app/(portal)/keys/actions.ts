"use server";

import { revalidatePath } from "next/cache";
import { action } from "#lib/http/action";
import { serviceContext } from "#lib/services/context";
import { CreateKeyInput, createKey } from "#lib/services/keys/create-key";
import { RevokeKeyInput, revokeKey } from "#lib/services/keys/revoke-key";

export const createKeyAction = action(CreateKeyInput, async (input) => {
  const created = await createKey(await serviceContext("/keys"), input);
  revalidatePath("/keys");
  return created;
});

export const revokeKeyAction = action(RevokeKeyInput, async (input) => {
  const revoked = await revokeKey(await serviceContext("/keys"), input);
  revalidatePath("/keys");
  return revoked;
});
