"use server";

import { revalidatePath } from "next/cache";
import { action } from "#lib/http/action";
import { CreateAdminTokenInput, createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import { DeleteAdminTokenInput, deleteAdminToken } from "#lib/services/admin-tokens/delete-admin-token";
import { serviceContext } from "../service-context";

export const createTokenAction = action(CreateAdminTokenInput, async (input) => {
  const created = await createAdminToken(await serviceContext("/tokens"), input);
  revalidatePath("/tokens");
  return created;
});

export const deleteTokenAction = action(DeleteAdminTokenInput, async (input) => {
  await deleteAdminToken(await serviceContext("/tokens"), input);
  revalidatePath("/tokens");
});
