import { CreateOrganizationInput, createOrganization } from "#lib/services/organizations/create-organization";
import { deleteOrganization } from "#lib/services/organizations/delete-organization";
import { getOrganization, OrganizationId } from "#lib/services/organizations/get-organization";
import {
  ListOrganizationUsersQuery,
  listOrganizationUsers,
} from "#lib/services/organizations/list-organization-users";
import { ListOrganizationsQuery, listOrganizations } from "#lib/services/organizations/list-organizations";
import { Organization } from "#lib/services/organizations/organization";
import { organizationUsage } from "#lib/services/organizations/organization-usage";
import { resumeOrganization, suspendOrganization } from "#lib/services/organizations/suspend-organization";
import { UpdateOrganizationInput, updateOrganization } from "#lib/services/organizations/update-organization";
import { pageOf } from "#lib/services/page";
import { ScopeUsage } from "#lib/services/usage/scope-usage";
import { User } from "#lib/services/users/user";
import { type Operation, operation } from "./operation";

const tag = "Organizations";

export const organizationOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/organizations",
    summary: "Create an organization",
    tag,
    status: 201,
    input: CreateOrganizationInput,
    output: Organization,
    idempotent: true,
    run: createOrganization,
  }),
  operation({
    method: "GET",
    path: "/organizations",
    summary: "List organizations",
    tag,
    status: 200,
    input: ListOrganizationsQuery,
    output: pageOf(Organization),
    run: listOrganizations,
  }),
  operation({
    method: "GET",
    path: "/organizations/{id}",
    summary: "Read an organization",
    tag,
    status: 200,
    input: OrganizationId,
    output: Organization,
    run: getOrganization,
  }),
  operation({
    method: "PATCH",
    path: "/organizations/{id}",
    summary: "Change an organization",
    description: "An `org_admin` may rename its own; the rest is for administrators.",
    tag,
    status: 200,
    input: UpdateOrganizationInput,
    output: Organization,
    run: updateOrganization,
  }),
  operation({
    method: "DELETE",
    path: "/organizations/{id}",
    summary: "Delete an organization",
    description: "With its keys, apps and admin tokens. A `409` while it has users.",
    tag,
    status: 204,
    input: OrganizationId,
    run: deleteOrganization,
  }),
  operation({
    method: "POST",
    path: "/organizations/{id}/suspend",
    summary: "Suspend an organization",
    description: "Its requests are refused from the next one on, with `organization_suspended`.",
    tag,
    status: 200,
    input: OrganizationId,
    output: Organization,
    run: suspendOrganization,
  }),
  operation({
    method: "POST",
    path: "/organizations/{id}/resume",
    summary: "Resume a suspended organization",
    tag,
    status: 200,
    input: OrganizationId,
    output: Organization,
    run: resumeOrganization,
  }),
  operation({
    method: "GET",
    path: "/organizations/{id}/usage",
    summary: "Read what an organization has used",
    description: "In its budget's period, or in the current month without one.",
    tag,
    status: 200,
    input: OrganizationId,
    output: ScopeUsage,
    run: organizationUsage,
  }),
  operation({
    method: "GET",
    path: "/organizations/{id}/users",
    summary: "List an organization's users",
    tag,
    status: 200,
    input: ListOrganizationUsersQuery,
    output: pageOf(User),
    run: listOrganizationUsers,
  }),
];
