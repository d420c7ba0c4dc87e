"use server";

import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { createKey } from "#lib/services/keys/create-key";
import { findKey } from "#lib/services/keys/find-key";
import { revokeKey } from "#lib/services/keys/revoke-key";
import { rotateKey } from "#lib/services/keys/rotate-key";
import { updateKey } from "#lib/services/keys/update-key";
import { action } from "../action";

export const createKeyAction = action(createKey, { page: "/keys" });
export const updateKeyAction = action(updateKey, { page: "/keys" });
export const rotateKeyAction = action(rotateKey, { page: "/keys" });
export const revokeKeyAction = action(revokeKey, { page: "/keys" });
export const findKeyAction = action(findKey, { page: "/keys", refresh: false });
export const adjustKeyAction = action(createAdjustment, { page: "/keys" });
