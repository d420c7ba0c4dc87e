import { z } from "zod";
import { users } from "#lib/db/schema/identity";
import { requireModelsOfOrganization } from "#lib/services/allowed-models";
import { recordAudit } from "#lib/services/audit/record-audit";
import { createKey } from "#lib/services/keys/create-key";
import { withoutRepeats } from "#lib/services/keys/key-fields";
import { limitColumns } from "#lib/services/limits";
import { requireRightsWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { passwordHashFor, setPasswordHash } from "./set-password";
import { toUser, User, userColumns, userFields } from "./user";
import { requireMayGive, requireNamed, requireOrganization, userTaken } from "./user-access";

const CreatedUser = User.extend({
  key: z
    .string()
    .optional()
    .describe("The user's first key, if `create_key` asked for one. Shown only once."),
}).meta({ id: "CreatedUser" });

/** The name of the key that `create_key` creates. */
const FIRST_KEY = "First key";

/**
 * Creates a user; an `org_admin` only in their own organization. Its person accepts it by an invite (`inviteUser`),
 * unless an administrator sets a password. It does not matter whether another organization has the e-mail address.
 * @throws ServiceError "not_found" for an organization that the actor may not see, "conflict" for an e-mail
 * address or external id that is taken there, "forbidden" for a role above the actor's own, for an administrator or
 * `org_admin` by a token that ends and for a password, "invalid" for models that the organization does not allow
 */
export const createUser = verb({
  role: "org_admin",
  input: z.strictObject({
    email: userFields.email.default(null),
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
    allowed_models: userFields.allowed_models.default(null),
    metadata: userFields.metadata.default({}),
    create_key: z
      .boolean()
      .default(false)
      .describe("Creates the user's first key, too, whose value is `key`."),
  }),
  output: CreatedUser,
  run: async (ctx, { password, create_key: createsKey, ...asked }) => {
    requireNamed(asked);
    requireMayGive(ctx.actor, asked.role);
    requireRightsWithinLife(ctx.actor, asked.role);
    const organizationId =
      asked.organization_id === undefined ? ctx.actor.organizationId : asked.organization_id;
    const passwordHash = await passwordHashFor(ctx, asked.email, password);
    return ctx.db.transaction(async (tx) => {
      await requireOrganization(tx, ctx.actor, organizationId, asked.role);
      await requireModelsOfOrganization(tx, organizationId, asked.allowed_models);
      const [row] = await tx
        .insert(users)
        .values({
          email: asked.email,
          organizationId,
          externalId: asked.external_id,
          name: asked.name,
          role: asked.role,
          paymentValidUntil: asked.payment_valid_until,
          paymentStatus: asked.payment_valid_until === null ? "none" : "active",
          allowedModels: asked.allowed_models && withoutRepeats(asked.allowed_models),
          ...limitColumns(asked),
          metadata: asked.metadata,
        })
        .returning(userColumns)
        .catch(userTaken);
      if (row === undefined) throw new Error("the user was not inserted");
      const { accountId } = await setPasswordHash(tx, ctx, row, passwordHash);
      const user = toUser({ ...row, accountId });
      await recordAudit(tx, ctx, {
        action: "user.create",
        subjectType: "user",
        subjectId: user.id,
        organizationId,
        after: user,
      });
      if (!createsKey) return user;
      const { key } = await createKey({ ...ctx, db: tx }, { name: FIRST_KEY, user_id: user.id });
      return { ...user, key };
    });
  },
});
