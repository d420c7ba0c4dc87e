"use server";

import { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import { deleteAdminToken } from "#lib/services/admin-tokens/delete-admin-token";
import { action } from "../action";

export const createTokenAction = action(createAdminToken, { page: "/tokens" });
export const deleteTokenAction = action(deleteAdminToken, { page: "/tokens" });
