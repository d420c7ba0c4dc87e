import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { hashPassword } from "#lib/auth/password";
import type { Tx } from "#lib/db/client";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { apiKeys, users } from "#lib/db/schema/identity";
import { forbidden, ServiceError } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { limitColumns } from "#lib/services/limits";
import { recordScopeUpdate } from "#lib/services/record-scope-update";
import { verb } from "#lib/services/verb";
import { storedPaymentStatus } from "./payment-status";
import { toUser, User, type UserRow, userColumns, userFields } from "./user";
import {
  lockUser,
  requireAnotherAdministrator,
  requireMayGive,
  requireOrganization,
  userTaken,
} from "./user-access";

const UpdateUserInput = z.strictObject({
  id: idField("user"),
  email: userFields.email.optional(),
  organization_id: userFields.organization_id.optional(),
  external_id: userFields.external_id.optional(),
  name: userFields.name.optional(),
  role: userFields.role.optional(),
  password: userFields.password.optional(),
  payment_valid_until: userFields.payment_valid_until.optional(),
  budget: userFields.budget,
  rate_limits: userFields.rate_limits,
});

type Changes = Omit<z.output<typeof UpdateUserInput>, "id" | "password">;

/**
 * Updates the given fields. A later `payment_valid_until` takes effect on the next request. A user who moves
 * to another organization keeps their keys.
 * @throws ServiceError "not_found", "conflict", "forbidden" for a role above the actor's own and, except for
 * administrators, for another organization
 */
export const updateUser = verb({
  role: "org_admin",
  input: UpdateUserInput,
  output: User,
  run: async (ctx, { id, password, ...changes }) => {
    const passwordHash = password == null ? password : await hashPassword(password);
    return retryingTransaction(ctx.db, async (tx) => {
      const row = await lockUser(tx, ctx.actor, id);
      const columns = columnsOf(changes);
      const before = toUser(row);
      const wanted = toUser({ ...row, ...columns });
      if (passwordHash === undefined && isDeepStrictEqual(before, wanted)) return before;
      if (wanted.role !== before.role) requireMayGive(ctx.actor, wanted.role);
      if (before.role === "admin" && wanted.role !== "admin") await requireAnotherAdministrator(tx, id);
      const moves = wanted.organization_id !== before.organization_id;
      if (moves && ctx.actor.role !== "admin") {
        throw forbidden("Only administrators may move users to another organization.");
      }
      await requireOrganization(tx, ctx.actor, wanted.organization_id, wanted.role);
      const keys = moves ? await moveKeys(tx, id, wanted.organization_id) : 0;
      const after = toUser(await save(tx, id, { ...columns, passwordHash }, changes.payment_valid_until));
      await recordScopeUpdate(tx, ctx, "user", after.organization_id, {
        row,
        columns,
        before,
        after: {
          ...after,
          ...(passwordHash === undefined ? {} : { password: passwordHash === null ? "removed" : "changed" }),
          ...(keys > 0 ? { moved_api_keys: keys } : {}),
        },
      });
      return after;
    });
  },
});

function columnsOf(changes: Changes): Partial<UserRow> {
  const { email, organization_id, external_id, name, role, payment_valid_until, ...limits } = changes;
  return {
    ...(email === undefined ? {} : { email }),
    ...(organization_id === undefined ? {} : { organizationId: organization_id }),
    ...(external_id === undefined ? {} : { externalId: external_id }),
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
    ...(payment_valid_until === undefined ? {} : { paymentValidUntil: payment_valid_until }),
    ...limitColumns(limits),
  };
}

async function save(
  tx: Tx,
  id: string,
  columns: Partial<UserRow> & { passwordHash: string | null | undefined },
  date: string | null | undefined,
): Promise<UserRow> {
  const [row] = await tx
    .update(users)
    .set({ ...columns, ...(date === undefined ? {} : { paymentStatus: storedPaymentStatus(date) }) })
    .where(eq(users.id, id))
    .returning(userColumns)
    .catch(userTaken);
  if (row === undefined) throw new Error("the locked user was not updated");
  return row;
}

async function moveKeys(tx: Tx, userId: string, organizationId: string | null): Promise<number> {
  if (organizationId === null) {
    if ((await tx.$count(apiKeys, eq(apiKeys.userId, userId))) === 0) return 0;
    throw new ServiceError("conflict", "The user has keys, which need an organization. Delete them first.");
  }
  const moved = await tx
    .update(apiKeys)
    .set({ organizationId })
    .where(eq(apiKeys.userId, userId))
    .returning({ id: apiKeys.id });
  return moved.length;
}
