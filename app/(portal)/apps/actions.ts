"use server";

import { revalidatePath } from "next/cache";
import { action } from "#lib/http/action";
import { CreateAppInput, createApp } from "#lib/services/apps/create-app";
import { deleteApp } from "#lib/services/apps/delete-app";
import { AppId } from "#lib/services/apps/get-app";
import { RotateAppInput, rotateApp } from "#lib/services/apps/rotate-app";
import { UpdateAppInput, updateApp } from "#lib/services/apps/update-app";
import { serviceContext } from "../service-context";

const context = () => serviceContext("/apps");

/** An app's name and state stand on more than one page. */
const everywhere = () => revalidatePath("/", "layout");

export const createAppAction = action(CreateAppInput, async (input) => {
  const created = await createApp(await context(), input);
  everywhere();
  return created;
});

export const updateAppAction = action(UpdateAppInput, async (input) => {
  const changed = await updateApp(await context(), input);
  everywhere();
  return changed;
});

export const rotateAppAction = action(RotateAppInput, async (input) => {
  const rotated = await rotateApp(await context(), input);
  everywhere();
  return rotated;
});

// Whoever deletes is on its page, which would be gone before they have left it: so nothing is read again.
export const deleteAppAction = action(AppId, async (input) => deleteApp(await context(), input));
