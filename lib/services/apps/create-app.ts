import { z } from "zod";
import { newApiKey } from "#lib/auth/api-key";
import { apps } from "#lib/db/schema/identity";
import { invalidField } from "#lib/http/errors";
import { requireModelsOfOrganization } from "#lib/services/allowed-models";
import { recordAudit } from "#lib/services/audit/record-audit";
import { withoutRepeats } from "#lib/services/keys/key-fields";
import { limitColumns } from "#lib/services/limits";
import { requireSecretWithinLife } from "#lib/services/token-life";
import { requireOrganization } from "#lib/services/users/user-access";
import { verb } from "#lib/services/verb";
import { appColumns, appFields, NewApp, toApp } from "./app";
import { externalIdTaken } from "./app-access";

/**
 * Creates an app.
 * @throws ServiceError "not_found" for an organization that the actor may not see, "conflict" for a taken
 * external id, "forbidden" for a token that ends: apps have no end, "invalid" for models that the organization
 * does not allow
 */
export const createApp = verb({
  role: "org_admin",
  input: z.strictObject({
    name: appFields.name,
    organization_id: z.uuid("Choose an organization.").optional().describe("Defaults to your own."),
    external_id: appFields.external_id.default(null),
    create_users: appFields.create_users.default(false),
    max_created_users: appFields.max_created_users.default(1000),
    budget: appFields.budget,
    rate_limits: appFields.rate_limits,
    allowed_models: appFields.allowed_models.default(null),
    metadata: appFields.metadata.default({}),
  }),
  output: NewApp,
  run: async (ctx, asked) => {
    const organizationId = asked.organization_id ?? ctx.actor.organizationId;
    if (organizationId === null) throw invalidField("organization_id", "Choose an organization.");
    requireSecretWithinLife(ctx.actor, null, "app");
    const secret = newApiKey("app");
    return ctx.db.transaction(async (tx) => {
      await requireOrganization(tx, ctx.actor, organizationId, "member");
      await requireModelsOfOrganization(tx, organizationId, asked.allowed_models);
      const [row] = await tx
        .insert(apps)
        .values({
          name: asked.name,
          organizationId,
          externalId: asked.external_id,
          secretHash: ctx.hashSecret(secret),
          createUsers: asked.create_users,
          maxCreatedUsers: asked.max_created_users,
          ...limitColumns(asked),
          metadata: asked.metadata,
          allowedModels: asked.allowed_models && withoutRepeats(asked.allowed_models),
        })
        .returning(appColumns)
        .catch(externalIdTaken);
      if (row === undefined) throw new Error("the app was not inserted");
      const app = toApp(row);
      await recordAudit(tx, ctx, {
        action: "app.create",
        subjectType: "app",
        subjectId: app.id,
        organizationId: app.organization_id,
        after: app,
      });
      return { ...app, secret };
    });
  },
});
