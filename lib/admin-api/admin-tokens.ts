import { AdminToken } from "#lib/services/admin-tokens/admin-token";
import {
  CreateAdminTokenInput,
  CreatedAdminToken,
  createAdminToken,
} from "#lib/services/admin-tokens/create-admin-token";
import { DeleteAdminTokenInput, deleteAdminToken } from "#lib/services/admin-tokens/delete-admin-token";
import { ListAdminTokensQuery, listAdminTokens } from "#lib/services/admin-tokens/list-admin-tokens";
import { pageOf } from "#lib/services/page";
import { type Operation, operation } from "./operation";

const tag = "Admin tokens";

export const adminTokenOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/admin-tokens",
    summary: "Create an admin token",
    description: "The token is shown in this answer and never again.",
    tag,
    status: 201,
    input: CreateAdminTokenInput,
    output: CreatedAdminToken,
    idempotent: true,
    run: createAdminToken,
  }),
  operation({
    method: "GET",
    path: "/admin-tokens",
    summary: "List admin tokens",
    tag,
    status: 200,
    input: ListAdminTokensQuery,
    output: pageOf(AdminToken),
    run: listAdminTokens,
  }),
  operation({
    method: "DELETE",
    path: "/admin-tokens/{id}",
    summary: "Delete an admin token",
    description: "It is refused from the next request on.",
    tag,
    status: 204,
    input: DeleteAdminTokenInput,
    run: deleteAdminToken,
  }),
];
