import { pageOf } from "#lib/services/page";
import { ScopeUsage } from "#lib/services/usage/scope-usage";
import { CreateUserInput, createUser } from "#lib/services/users/create-user";
import { deleteUser } from "#lib/services/users/delete-user";
import { getUser, UserId } from "#lib/services/users/get-user";
import { ListUsersQuery, listUsers } from "#lib/services/users/list-users";
import { ResetUsageInput, resetUsage } from "#lib/services/users/reset-usage";
import { ExpirySync, SyncAllExpiryInput, syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import { SyncedUser, syncExpiry } from "#lib/services/users/sync-expiry";
import { UpdateUserInput, updateUser } from "#lib/services/users/update-user";
import { User } from "#lib/services/users/user";
import { userUsage } from "#lib/services/users/user-usage";
import { type Operation, operation } from "./operation";

const tag = "Users";

export const userOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/users",
    summary: "Create a user",
    tag,
    status: 201,
    input: CreateUserInput,
    output: User,
    idempotent: true,
    run: createUser,
  }),
  operation({
    method: "GET",
    path: "/users",
    summary: "List users",
    tag,
    status: 200,
    input: ListUsersQuery,
    output: pageOf(User),
    run: listUsers,
  }),
  operation({
    method: "POST",
    path: "/users/sync-expiry",
    summary: "Note every payment that has expired",
    description: "Requests do not wait for it: they are judged by the date itself.",
    tag,
    status: 200,
    input: SyncAllExpiryInput,
    output: ExpirySync,
    run: syncAllExpiry,
  }),
  operation({
    method: "GET",
    path: "/users/{id}",
    summary: "Read a user",
    tag,
    status: 200,
    input: UserId,
    output: User,
    run: getUser,
  }),
  operation({
    method: "PATCH",
    path: "/users/{id}",
    summary: "Change a user",
    description: "A later `payment_valid_until` counts from the next request on.",
    tag,
    status: 200,
    input: UpdateUserInput,
    output: User,
    run: updateUser,
  }),
  operation({
    method: "DELETE",
    path: "/users/{id}",
    summary: "Delete a user",
    description: "With their keys. What they have used stays in the ledger.",
    tag,
    status: 204,
    input: UserId,
    run: deleteUser,
  }),
  operation({
    method: "GET",
    path: "/users/{id}/usage",
    summary: "Read what a user has used",
    description: "In their budget's period, or in the current month without one.",
    tag,
    status: 200,
    input: UserId,
    output: ScopeUsage,
    run: userUsage,
  }),
  operation({
    method: "POST",
    path: "/users/{id}/reset-usage",
    summary: "Take back what a user's running budget has spent",
    description:
      "By an adjustment in the ledger. The organization's budget and the usage reports stay as they are.",
    tag,
    status: 200,
    input: ResetUsageInput,
    output: ScopeUsage,
    run: resetUsage,
  }),
  operation({
    method: "POST",
    path: "/users/{id}/sync-expiry",
    summary: "Note whether a user's payment has expired",
    tag,
    status: 200,
    input: UserId,
    output: SyncedUser,
    run: syncExpiry,
  }),
];
