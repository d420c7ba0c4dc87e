import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { INVITE_S } from "#lib/auth/invite";
import { newLinkToken } from "#lib/auth/link-token";
import { invites } from "#lib/db/schema/sessions";
import { forbidden, invalidField, ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { instantField } from "#lib/services/fields";
import { queueInvitation } from "#lib/services/mail/queue-invitation";
import { requireRightsWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { UserId } from "./get-user";
import type { UserRow } from "./user";
import { lockUser } from "./user-access";

export const Invite = z
  .object({
    url: z.string().describe("The link, shown this once."),
    mailed: z
      .boolean()
      .describe(
        "Whether it is mailed to the user's address, as with `SMTP_URL`. Otherwise send it yourself.",
      ),
    expires_at: instantField,
  })
  .meta({ id: "Invite" });
export type Invite = z.output<typeof Invite>;

/**
 * Creates the link by which a person accepts a user: by setting a password, or by signing in with the account they
 * have. It works once within 72 hours, while its maker may invite the user, and not beyond the end of the token that
 * created it. A new link replaces the earlier one.
 * @throws ServiceError "not_found", "invalid" for a user without an e-mail address, "forbidden" for an administrator by a token and for an `org_admin` by
 * a token that ends, "conflict" for a user whose person has accepted
 */
export const inviteUser = verb({
  role: "org_admin",
  input: UserId,
  output: Invite,
  run: async (ctx, { id }) => {
    return ctx.db.transaction(async (tx) => {
      const user = await lockUser(tx, ctx.actor, id);
      requireMayInvite(ctx.actor, user);
      requireRightsWithinLife(ctx.actor, user.role);
      if (user.accountId !== null) {
        const message = "This user already has an account. To give someone else access, create another user.";
        throw new ServiceError("conflict", message);
      }
      if (user.email === null) {
        throw invalidField("email", "Give the user an e-mail address first: their account needs one.");
      }
      const token = newLinkToken();
      const limit = ctx.actor.kind === "token" ? ctx.actor.expiresAt : null;
      const expiresAt = sql`least(now() + make_interval(secs => ${INVITE_S}::int), ${limit?.toISOString() ?? null}::timestamptz)`;
      const makerId = ctx.actor.kind === "token" ? (ctx.actor.makerId ?? null) : ctx.actor.id;
      const values = { tokenHash: ctx.hashSecret(token), makerId, expiresAt, createdAt: sql`now()` };
      const [invite] = await tx
        .insert(invites)
        .values({ userId: id, ...values })
        .onConflictDoUpdate({ target: invites.userId, set: values })
        .returning({ expiresAt: invites.expiresAt });
      if (invite === undefined) throw new Error("the invite was not inserted");
      const expires_at = invite.expiresAt.toISOString();
      await recordAudit(tx, ctx, {
        action: "user.invite",
        subjectType: "user",
        subjectId: id,
        organizationId: user.organizationId,
        after: { email: user.email, expires_at },
      });
      const url = `${ctx.portalUrl}/invite/${token}`;
      const { email, organizationId } = user;
      const mailed = await queueInvitation(tx, ctx, { to: email, url, organizationId });
      return { url, mailed, expires_at };
    });
  },
});

/** An administrator's account would keep the rights of a token beyond its end. ADMIN_API_KEY has none. */
function requireMayInvite(actor: Actor, { role }: Pick<UserRow, "role">): void {
  if (role !== "admin" || actor.kind === "user" || actor.id === "admin_api_key") return;
  throw forbidden(
    "An admin token may not invite administrators. Sign in to the portal, or use ADMIN_API_KEY.",
  );
}
