import { createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import { deleteAdminToken } from "#lib/services/admin-tokens/delete-admin-token";
import { listAdminTokens } from "#lib/services/admin-tokens/list-admin-tokens";
import { type Operation, operation } from "./operation";

const tag = "Admin tokens";

export const adminTokenOperations: readonly Operation[] = [
  operation("POST /admin-tokens", createAdminToken, {
    tag,
    summary: "Create an admin token",
    description:
      "The answer is the only one that contains the token. A token never has more rights than the user who created it has now, and ends with them; one that an administrator created for an organization keeps its own.",
  }),
  operation("GET /admin-tokens", listAdminTokens, {
    tag,
    summary: "List admin tokens",
  }),
  operation("DELETE /admin-tokens/{id}", deleteAdminToken, {
    tag,
    summary: "Delete an admin token",
    description: "Its next request is rejected.",
  }),
];
