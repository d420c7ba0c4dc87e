"use server";

import { revalidatePath } from "next/cache";
import { action } from "#lib/http/action";
import { CreateKeyInput, createKey } from "#lib/services/keys/create-key";
import { KeyId } from "#lib/services/keys/get-key";
import { revokeKey } from "#lib/services/keys/revoke-key";
import { RotateKeyInput, rotateKey } from "#lib/services/keys/rotate-key";
import { UpdateKeyInput, updateKey } from "#lib/services/keys/update-key";
import { serviceContext } from "../service-context";

export const createKeyAction = action(CreateKeyInput, async (input) => {
  const created = await createKey(await serviceContext("/keys"), input);
  // Keys stand on other pages, too.
  revalidatePath("/", "layout");
  return created;
});

export const updateKeyAction = action(UpdateKeyInput, async (input) => {
  const changed = await updateKey(await serviceContext("/keys"), input);
  revalidatePath("/", "layout");
  return changed;
});

export const rotateKeyAction = action(RotateKeyInput, async (input) => {
  const rotated = await rotateKey(await serviceContext("/keys"), input);
  revalidatePath("/", "layout");
  return rotated;
});

export const revokeKeyAction = action(KeyId, async (input) => {
  const revoked = await revokeKey(await serviceContext("/keys"), input);
  revalidatePath("/", "layout");
  return revoked;
});
