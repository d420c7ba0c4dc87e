"use server";

import { revalidatePath } from "next/cache";
import { action } from "#lib/http/action";
import { CreateOrganizationInput, createOrganization } from "#lib/services/organizations/create-organization";
import { deleteOrganization } from "#lib/services/organizations/delete-organization";
import { OrganizationId } from "#lib/services/organizations/get-organization";
import { resumeOrganization, suspendOrganization } from "#lib/services/organizations/suspend-organization";
import { UpdateOrganizationInput, updateOrganization } from "#lib/services/organizations/update-organization";
import { serviceContext } from "../service-context";

const context = () => serviceContext("/organizations");

/** An organization's name and state stand on many pages. */
const everywhere = () => revalidatePath("/", "layout");

export const createOrganizationAction = action(CreateOrganizationInput, async (input) => {
  const created = await createOrganization(await context(), input);
  everywhere();
  return created;
});

export const updateOrganizationAction = action(UpdateOrganizationInput, async (input) => {
  const changed = await updateOrganization(await context(), input);
  everywhere();
  return changed;
});

export const suspendOrganizationAction = action(OrganizationId, async (input) => {
  const changed = await suspendOrganization(await context(), input);
  everywhere();
  return changed;
});

export const resumeOrganizationAction = action(OrganizationId, async (input) => {
  const changed = await resumeOrganization(await context(), input);
  everywhere();
  return changed;
});

// Whoever deletes is on its page, which would be gone before they have left it: so nothing is read again.
export const deleteOrganizationAction = action(OrganizationId, async (input) =>
  deleteOrganization(await context(), input),
);
