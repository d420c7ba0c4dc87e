"use server";

import { changeOwnName } from "#lib/services/account/change-own-name";
import { changeOwnPassword } from "#lib/services/account/change-own-password";
import { action } from "../action";

export const changeNameAction = action(changeOwnName, { page: "/account" });
export const changePasswordAction = action(changeOwnPassword, { page: "/account" });
