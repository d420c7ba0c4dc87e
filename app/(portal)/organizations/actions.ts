"use server";

import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { createOrganization } from "#lib/services/organizations/create-organization";
import { deleteOrganization } from "#lib/services/organizations/delete-organization";
import { resumeOrganization, suspendOrganization } from "#lib/services/organizations/suspend-organization";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { action } from "../action";

export const createOrganizationAction = action(createOrganization, { page: "/organizations" });
export const updateOrganizationAction = action(updateOrganization, { page: "/organizations" });
export const suspendOrganizationAction = action(suspendOrganization, { page: "/organizations" });
export const resumeOrganizationAction = action(resumeOrganization, { page: "/organizations" });
export const deleteOrganizationAction = action(deleteOrganization, {
  page: "/organizations",
  refresh: false,
});
export const adjustOrganizationAction = action(createAdjustment, { page: "/organizations" });
