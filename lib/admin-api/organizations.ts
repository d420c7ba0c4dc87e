import { createOrganization } from "#lib/services/organizations/create-organization";
import { deleteOrganization } from "#lib/services/organizations/delete-organization";
import { getOrganization } from "#lib/services/organizations/get-organization";
import { listOrganizationUsers } from "#lib/services/organizations/list-organization-users";
import { listOrganizations } from "#lib/services/organizations/list-organizations";
import { organizationUsage } from "#lib/services/organizations/organization-usage";
import { resumeOrganization, suspendOrganization } from "#lib/services/organizations/suspend-organization";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { type Operation, operation } from "./operation";

const tag = "Organizations";

export const organizationOperations: readonly Operation[] = [
  operation("POST /organizations", createOrganization, {
    tag,
    summary: "Create an organization",
  }),
  operation("GET /organizations", listOrganizations, {
    tag,
    summary: "List organizations",
  }),
  operation("GET /organizations/{id}", getOrganization, {
    tag,
    summary: "Get an organization",
  }),
  operation("PATCH /organizations/{id}", updateOrganization, {
    tag,
    summary: "Update an organization",
    description: "An `org_admin` may rename their own; the rest needs an administrator.",
  }),
  operation("DELETE /organizations/{id}", deleteOrganization, {
    tag,
    summary: "Delete an organization",
    description: "Deletes its keys, apps and admin tokens. Answers 409 while it has users.",
  }),
  operation("POST /organizations/{id}/suspend", suspendOrganization, {
    tag,
    summary: "Suspend an organization",
    description: "From the next one on, its requests are rejected with `organization_suspended`.",
  }),
  operation("POST /organizations/{id}/resume", resumeOrganization, {
    tag,
    summary: "Resume a suspended organization",
  }),
  operation("GET /organizations/{id}/usage", organizationUsage, {
    tag,
    summary: "Get an organization's usage",
    description: "In its budget's current period, or in the current month without a budget.",
  }),
  operation("GET /organizations/{id}/users", listOrganizationUsers, {
    tag,
    summary: "List an organization's users",
  }),
];
