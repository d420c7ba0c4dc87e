import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { endResets } from "#lib/auth/password-reset";
import type { Tx } from "#lib/db/client";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { users } from "#lib/db/schema/identity";
import { invites, sessions } from "#lib/db/schema/sessions";
import { forbidden, invalidField } from "#lib/http/errors";
import { requireModelsOfOrganization } from "#lib/services/allowed-models";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { withoutRepeats } from "#lib/services/keys/key-fields";
import { limitColumns } from "#lib/services/limits";
import { recordScopeUpdate } from "#lib/services/record-scope-update";
import { isAtMost } from "#lib/services/role";
import { auditEnded, endSessions } from "#lib/services/sessions/session-access";
import { requireRightsWithinLife } from "#lib/services/token-life";
import { moveBucket } from "#lib/services/usage/move-bucket";
import { verb } from "#lib/services/verb";
import { moveAccount, requireMayChangeAddress } from "./account-address";
import { leaveOrganization, leaveSpend } from "./move-user";
import { storedPaymentStatus } from "./payment-status";
import { passwordHashFor, requireMaySetPasswords, setPasswordHash } from "./set-password";
import { toUser, User, type UserRow, userColumns, userFields } from "./user";
import {
  lockUser,
  requireAnotherAdministrator,
  requireMayGive,
  requireNamed,
  requireOrganization,
  userTaken,
} from "./user-access";

export const UpdateUserInput = z.strictObject({
  id: idField("user"),
  email: userFields.email.optional(),
  organization_id: userFields.organization_id
    .optional()
    .describe(
      "Moves the user with their keys, which then obey that organization's `member_keys`: later ends become `max_days` from now. Too many active keys are an error. Null only for administrators of the whole installation.",
    ),
  external_id: userFields.external_id.optional(),
  name: userFields.name.optional(),
  role: userFields.role.optional(),
  password: userFields.password.optional(),
  payment_valid_until: userFields.payment_valid_until.optional(),
  budget: userFields.budget,
  rate_limits: userFields.rate_limits,
  allowed_models: userFields.allowed_models.optional(),
  metadata: userFields.metadata.optional(),
});

type Changes = Omit<z.output<typeof UpdateUserInput>, "id" | "password">;

/**
 * Updates the given fields. A later `payment_valid_until` takes effect on the next request. A user who moves
 * to another organization keeps their keys, within its bounds (`moveKeys`), and their budget; their usage, its names and
 * the audit log stay with the old one, whose admin tokens of theirs end. A new password, role or organization ends the
 * user's sessions, except the actor's own. An open invite, and links to a new password, end with a higher role, another e-mail
 * address or organization.
 * @throws ServiceError "not_found", "conflict", "forbidden" for a role above the actor's own, for a password, for an
 * administrator's address by a token, for rights over others by a token that ends and, except for administrators, for another organization, "invalid" for models that the organization does not allow and for a move
 * with too many keys
 */
export const updateUser = verb({
  role: "org_admin",
  input: UpdateUserInput,
  output: User,
  run: async (ctx, { id, password, ...changes }) => {
    const date = changes.payment_valid_until;
    if (password !== undefined) requireMaySetPasswords(ctx.actor);
    return retryingTransaction(ctx.db, async (tx) => {
      const row = await lockUser(tx, ctx.actor, id);
      const columns = columnsOf(changes);
      const before = toUser(row);
      const wanted = toUser({ ...row, ...columns });
      if (password === undefined && isDeepStrictEqual(before, wanted)) return before;
      requireNamed(wanted);
      if (wanted.email === null && row.accountId !== null)
        throw invalidField("email", "This user has an account, which needs an e-mail address.");
      if (wanted.role !== before.role) requireMayGive(ctx.actor, wanted.role);
      if (givesRights(before, wanted)) requireRightsWithinLife(ctx.actor, wanted.role);
      if (before.role === "admin" && wanted.role !== "admin") await requireAnotherAdministrator(tx, id);
      const moves = wanted.organization_id !== before.organization_id;
      if (wanted.email !== before.email) requireMayChangeAddress(ctx.actor, row);
      if (moves && ctx.actor.role !== "admin") {
        throw forbidden("Only administrators may move users to another organization.");
      }
      await requireOrganization(tx, ctx.actor, wanted.organization_id, wanted.role);
      if (!isDeepStrictEqual(wanted.allowed_models, before.allowed_models)) {
        await requireModelsOfOrganization(tx, wanted.organization_id, wanted.allowed_models);
      }
      // The link was made for what the user was then.
      if (givesRights(before, wanted)) {
        await tx.delete(invites).where(eq(invites.userId, id));
        if (row.accountId !== null) await endResets(tx, row.accountId);
      }
      const move = moves ? await leaveOrganization(tx, row, wanted.organization_id) : null;
      let saved = Object.keys(columns).length === 0 ? row : await save(tx, id, columns, date);
      await moveAccount(tx, ctx, row, saved);
      const ended =
        moves || wanted.role !== before.role ? await endSessions(tx, ctx.actor, eq(sessions.userId, id)) : [];
      if (password !== undefined) {
        const hash = await passwordHashFor(ctx, saved.email, password);
        const set = await setPasswordHash(tx, ctx, saved, hash);
        saved = { ...saved, accountId: set.accountId };
        ended.push(...set.ended);
      }
      const after = toUser(saved);
      const passwordChange =
        password === undefined ? {} : { password: password === null ? "removed" : "changed" };
      const own = ended.filter(({ userId }) => userId === id).map((session) => session.id);
      // The account's sessions in other organizations are no matter of this one's audit log.
      await auditEnded(
        tx,
        ctx,
        ended.filter(({ userId }) => userId !== id),
      );
      if (move === null) {
        await recordScopeUpdate(tx, ctx, "user", after.organization_id, {
          row,
          columns,
          before,
          after: { ...after, ...passwordChange, ...unlessEmpty({ ended_sessions: own }) },
        });
        return after;
      }
      const movedKeys = move.keys.moved > 0 ? { moved_api_keys: move.keys.moved } : {};
      await recordMove(tx, ctx, {
        before,
        leaving: { ...unlessEmpty({ ended_sessions: own, ended_admin_tokens: move.tokens }), ...movedKeys },
        after: {
          ...after,
          ...passwordChange,
          ...movedKeys,
          ...unlessEmpty({ shortened_api_keys: move.keys.shortened }),
        },
      });
      await moveBucket(tx, { type: "user", id }, row, columns);
      await leaveSpend(tx, row, saved);
      return after;
    });
  },
});

/** Whether the user's role rises or counts elsewhere, or who may accept the user and sign in changes. */
const givesRights = (before: User, wanted: User): boolean =>
  !isAtMost(wanted.role, before.role) ||
  wanted.organization_id !== before.organization_id ||
  wanted.email !== before.email;

function columnsOf(changes: Changes): Partial<UserRow> {
  const {
    email,
    organization_id,
    external_id,
    name,
    role,
    payment_valid_until,
    allowed_models,
    metadata,
    ...limits
  } = changes;
  return {
    ...(email === undefined ? {} : { email }),
    ...(organization_id === undefined ? {} : { organizationId: organization_id }),
    ...(external_id === undefined ? {} : { externalId: external_id }),
    ...(name === undefined ? {} : { name }),
    ...(role === undefined ? {} : { role }),
    ...(payment_valid_until === undefined ? {} : { paymentValidUntil: payment_valid_until }),
    ...(allowed_models === undefined
      ? {}
      : { allowedModels: allowed_models && withoutRepeats(allowed_models) }),
    ...(metadata === undefined ? {} : { metadata }),
    ...limitColumns(limits),
  };
}

async function save(
  tx: Tx,
  id: string,
  columns: Partial<UserRow>,
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

/** One entry in either organization, which has what that one knows. */
async function recordMove(
  tx: Tx,
  ctx: ServiceContext,
  { before, leaving, after }: { before: User; leaving: Record<string, unknown>; after: User },
): Promise<void> {
  const subject = { subjectType: "user", subjectId: before.id } as const;
  await recordAudit(tx, ctx, {
    ...subject,
    action: "user.leave",
    organizationId: before.organization_id,
    before,
    after: leaving,
  });
  await recordAudit(tx, ctx, {
    ...subject,
    action: "user.join",
    organizationId: after.organization_id,
    after,
  });
}

const unlessEmpty = (lists: Record<string, readonly string[]>) =>
  Object.fromEntries(Object.entries(lists).filter(([, ids]) => ids.length > 0));
