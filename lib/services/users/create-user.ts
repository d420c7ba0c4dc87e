import { z } from "zod";
import { hashPassword } from "#lib/auth/password";
import { users } from "#lib/db/schema/identity";
import { recordAudit } from "#lib/services/audit/record-audit";
import { limitColumns } from "#lib/services/limits";
import { verb } from "#lib/services/verb";
import { toUser, User, userColumns, userFields } from "./user";
import { requireMayGive, requireOrganization, userTaken } from "./user-access";

/**
 * Creates a user; an `org_admin` only in their own organization.
 * @throws ServiceError "not_found" for an organization that the actor may not see, "conflict" for a taken
 * e-mail address or external id, "forbidden" for a role above the actor's own
 */
export const createUser = verb({
  role: "org_admin",
  input: z.strictObject({
    email: userFields.email,
    organization_id: userFields.organization_id
      .optional()
      .describe("Defaults to your own. Null only for administrators of the whole installation."),
    external_id: userFields.external_id.default(null),
    name: userFields.name.default(null),
    role: userFields.role.default("member"),
    password: userFields.password.default(null),
    payment_valid_until: userFields.payment_valid_until.default(null),
    budget: userFields.budget,
    rate_limits: userFields.rate_limits,
  }),
  output: User,
  run: async (ctx, { password, ...asked }) => {
    requireMayGive(ctx.actor, asked.role);
    const organizationId =
      asked.organization_id === undefined ? ctx.actor.organizationId : asked.organization_id;
    const passwordHash = password === null ? null : await hashPassword(password);
    return ctx.db.transaction(async (tx) => {
      await requireOrganization(tx, ctx.actor, organizationId, asked.role);
      const [row] = await tx
        .insert(users)
        .values({
          email: asked.email,
          organizationId,
          externalId: asked.external_id,
          name: asked.name,
          role: asked.role,
          passwordHash,
          paymentValidUntil: asked.payment_valid_until,
          paymentStatus: asked.payment_valid_until === null ? "none" : "active",
          ...limitColumns(asked),
        })
        .returning(userColumns)
        .catch(userTaken);
      if (row === undefined) throw new Error("the user was not inserted");
      const user = toUser(row);
      await recordAudit(tx, ctx, {
        action: "user.create",
        subjectType: "user",
        subjectId: user.id,
        organizationId,
        after: { ...user, has_password: passwordHash !== null },
      });
      return user;
    });
  },
});
