"use server";

import { revalidatePath } from "next/cache";
import { action } from "#lib/http/action";
import { CreateUserInput, createUser } from "#lib/services/users/create-user";
import { deleteUser } from "#lib/services/users/delete-user";
import { UserId } from "#lib/services/users/get-user";
import { ResetUsageInput, resetUsage } from "#lib/services/users/reset-usage";
import { SyncAllExpiryInput, syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { syncExpiry } from "#lib/services/users/sync-expiry";
import { UpdateUserInput, updateUser } from "#lib/services/users/update-user";
import { serviceContext } from "../service-context";

const context = () => serviceContext("/users");

/** A user's name, payment and spending stand on many pages. */
const everywhere = () => revalidatePath("/", "layout");

export const createUserAction = action(CreateUserInput, async (input) => {
  const created = await createUser(await context(), input);
  everywhere();
  return created;
});

export const updateUserAction = action(UpdateUserInput, async (input) => {
  const changed = await updateUser(await context(), input);
  everywhere();
  return changed;
});

export const syncExpiryAction = action(UserId, async (input) => {
  const synced = await syncExpiry(await context(), input);
  everywhere();
  return synced;
});

export const syncAllExpiryAction = action(SyncAllExpiryInput, async (input) => {
  const synced = await syncAllExpiry(await context(), input);
  everywhere();
  return synced;
});

export const resetUsageAction = action(ResetUsageInput, async (input) => {
  const usage = await resetUsage(await context(), input);
  everywhere();
  return usage;
});

// Whoever deletes is on the user's page, which would be gone before they have left it: so nothing is read again.
export const deleteUserAction = action(UserId, async (input) => deleteUser(await context(), input));
