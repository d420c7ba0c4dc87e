"use server";

import { createApp } from "#lib/services/apps/create-app";
import { deleteApp } from "#lib/services/apps/delete-app";
import { rotateApp } from "#lib/services/apps/rotate-app";
import { updateApp } from "#lib/services/apps/update-app";
import { action } from "../action";

export const createAppAction = action(createApp, { page: "/apps" });
export const updateAppAction = action(updateApp, { page: "/apps" });
export const rotateAppAction = action(rotateApp, { page: "/apps" });
export const deleteAppAction = action(deleteApp, { page: "/apps", refresh: false });
