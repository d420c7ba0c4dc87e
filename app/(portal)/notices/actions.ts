"use server";

import { readNotices } from "#lib/services/notices/read-notices";
import { action } from "../action";

export const readNoticesAction = action(readNotices, { page: "/notices" });
