import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { apps } from "#lib/db/schema/identity";
import { requireModelsOfOrganization } from "#lib/services/allowed-models";
import { idField } from "#lib/services/fields";
import { withoutRepeats } from "#lib/services/keys/key-fields";
import { limitColumns } from "#lib/services/limits";
import { recordScopeUpdate } from "#lib/services/record-scope-update";
import { verb } from "#lib/services/verb";
import { App, type AppRow, appFields, toApp } from "./app";
import { externalIdTaken, lockApp } from "./app-access";

const UpdateAppInput = z.strictObject({
  id: idField("app"),
  name: appFields.name.optional(),
  external_id: appFields.external_id.optional(),
  create_users: appFields.create_users.optional(),
  max_created_users: appFields.max_created_users.optional(),
  budget: appFields.budget,
  rate_limits: appFields.rate_limits,
  allowed_models: appFields.allowed_models.optional(),
  metadata: appFields.metadata.optional(),
  disabled: z.boolean().optional().describe("A disabled app is rejected from its next request on."),
});

/**
 * Updates the given fields, which take effect on the app's next request.
 * @throws ServiceError "not_found", "conflict" for a taken external id, "invalid" for models that the organization does not
 * allow
 */
export const updateApp = verb({
  role: "org_admin",
  input: UpdateAppInput,
  output: App,
  run: (ctx, { id, ...changes }) =>
    retryingTransaction(ctx.db, async (tx) => {
      const row = await lockApp(tx, ctx.actor, id);
      const columns = columnsOf(changes);
      const before = toApp(row);
      const after = toApp({ ...row, ...columns });
      if (isDeepStrictEqual(before, after)) return before;
      if (!isDeepStrictEqual(before.allowed_models, after.allowed_models)) {
        await requireModelsOfOrganization(tx, row.organizationId, after.allowed_models);
      }
      await tx.update(apps).set(columns).where(eq(apps.id, id)).catch(externalIdTaken);
      await recordScopeUpdate(tx, ctx, "app", row.organizationId, { row, columns, before, after });
      return after;
    }),
});

function columnsOf(changes: Omit<z.output<typeof UpdateAppInput>, "id">): Partial<AppRow> {
  const { name, external_id, create_users, max_created_users, allowed_models, disabled, ...rest } = changes;
  const { metadata, ...limits } = rest;
  return {
    ...(name === undefined ? {} : { name }),
    ...(external_id === undefined ? {} : { externalId: external_id }),
    ...(allowed_models === undefined
      ? {}
      : { allowedModels: allowed_models && withoutRepeats(allowed_models) }),
    ...(create_users === undefined ? {} : { createUsers: create_users }),
    ...(max_created_users === undefined ? {} : { maxCreatedUsers: max_created_users }),
    ...(disabled === undefined ? {} : { disabled }),
    ...(metadata === undefined ? {} : { metadata }),
    ...limitColumns(limits),
  };
}
