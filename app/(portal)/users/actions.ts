"use server";

import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { bulkUpdateUsers } from "#lib/services/users/bulk-update-users";
import { createUser } from "#lib/services/users/create-user";
import { deleteUser } from "#lib/services/users/delete-user";
import { importUsersCsv } from "#lib/services/users/import-users-csv";
import { inviteUser } from "#lib/services/users/invite-user";
import { resetUsage } from "#lib/services/users/reset-usage";
import { syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { syncExpiry } from "#lib/services/users/sync-expiry";
import { updateUser } from "#lib/services/users/update-user";
import { action } from "../action";

export const createUserAction = action(createUser, { page: "/users" });
export const updateUserAction = action(updateUser, { page: "/users" });
export const bulkUpdateUsersAction = action(bulkUpdateUsers, { page: "/users" });
export const importUsersCsvAction = action(importUsersCsv, { page: "/users" });
export const inviteUserAction = action(inviteUser, { page: "/users" });
export const syncExpiryAction = action(syncExpiry, { page: "/users" });
export const syncAllExpiryAction = action(syncAllExpiry, { page: "/users" });
export const resetUsageAction = action(resetUsage, { page: "/users" });
export const deleteUserAction = action(deleteUser, { page: "/users", refresh: false });
export const adjustUserAction = action(createAdjustment, { page: "/users" });
