import { endAllSessions, endSession } from "#lib/services/sessions/end-sessions";
import { listSessions } from "#lib/services/sessions/list-sessions";
import { bulkUpdateUsers } from "#lib/services/users/bulk-update-users";
import { createUser } from "#lib/services/users/create-user";
import { deleteUser } from "#lib/services/users/delete-user";
import { getUser } from "#lib/services/users/get-user";
import { importUsers } from "#lib/services/users/import-users";
import { inviteUser } from "#lib/services/users/invite-user";
import { listUsers } from "#lib/services/users/list-users";
import { resetUsage } from "#lib/services/users/reset-usage";
import { syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { syncExpiry } from "#lib/services/users/sync-expiry";
import { updateUser } from "#lib/services/users/update-user";
import { userUsage } from "#lib/services/users/user-usage";
import { usersOfCsv } from "#lib/services/users/users-of-csv";
import { type Operation, operation } from "./operation";

const tag = "Users";

export const userOperations: readonly Operation[] = [
  operation("POST /users", createUser, {
    tag,
    summary: "Create a user",
  }),
  operation("GET /users", listUsers, {
    tag,
    summary: "List users",
  }),
  operation("POST /users/bulk", bulkUpdateUsers, {
    tag,
    summary: "Update many users",
    description: "All or none of at most 1000 users, named by `ids` or by a `filter`.",
  }),
  operation("POST /users/import", importUsers, {
    tag,
    summary: "Import users",
    description:
      "At most 1000, as JSON or as CSV with the columns email, external_id, organization_id, name, role, payment_valid_until, budget_limit_usd, budget_period and metadata.NAME. Creates those who are new and updates the others. Rows that are wrong are left out and listed.",
    csvBody: usersOfCsv,
    queryFields: ["dry_run", "all_or_none", "organization_id"],
  }),
  operation("POST /users/sync-expiry", syncAllExpiry, {
    tag,
    summary: "Update the payment status of all users",
    description: "Requests do not depend on it: they are judged by the payment date itself.",
  }),
  operation("GET /users/{id}", getUser, {
    tag,
    summary: "Get a user",
  }),
  operation("PATCH /users/{id}", updateUser, {
    tag,
    summary: "Update a user",
    description: "A later `payment_valid_until` takes effect on the next request.",
  }),
  operation("DELETE /users/{id}", deleteUser, {
    tag,
    summary: "Delete a user",
    description: "Deletes their keys, too. The ledger keeps their usage.",
  }),
  operation("POST /users/{id}/invite", inviteUser, {
    tag,
    summary: "Invite a person to a user",
    description:
      "Returns the link by which a person accepts, once within 72 hours: by setting a password, or by signing in with the account they have. A new link replaces the earlier one. It ends with a higher role, another e-mail address or organization of the user, and is useless once its maker may no longer invite the user.",
    idempotent: true,
  }),
  operation("GET /users/{id}/sessions", listSessions, {
    tag,
    summary: "List a user's sessions",
    description:
      "Administrators and the person see all sessions of the account, an `org_admin` those in the organization.",
  }),
  operation("DELETE /users/{id}/sessions", endAllSessions, {
    tag,
    summary: "End a user's sessions",
    description: "Those that `GET` lists, except the one that sends this request.",
  }),
  operation("DELETE /users/{id}/sessions/{session_id}", endSession, {
    tag,
    summary: "End one of a user's sessions",
  }),
  operation("GET /users/{id}/usage", userUsage, {
    tag,
    summary: "Get a user's usage",
    description: "In their budget's current period, or in the current month without a budget.",
  }),
  operation("POST /users/{id}/reset-usage", resetUsage, {
    tag,
    summary: "Reset what a user has spent of their budget",
    description:
      "Writes an adjustment into the ledger. The organization's budget and the usage reports do not change.",
  }),
  operation("POST /users/{id}/sync-expiry", syncExpiry, {
    tag,
    summary: "Update a user's payment status",
  }),
];
