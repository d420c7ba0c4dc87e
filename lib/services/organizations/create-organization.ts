import { z } from "zod";
import { organizations } from "#lib/db/schema/identity";
import { recordAudit } from "#lib/services/audit/record-audit";
import { withoutRepeats } from "#lib/services/keys/key-fields";
import { limitColumns } from "#lib/services/limits";
import { verb } from "#lib/services/verb";
import { storedMemberKeys } from "./member-keys";
import { Organization, organizationColumns, organizationFields, toOrganization } from "./organization";

/** Creates an organization. Its name may be that of another one. */
export const createOrganization = verb({
  role: "admin",
  input: z.strictObject({
    ...organizationFields,
    failure_mode: organizationFields.failure_mode.default("fail_closed"),
    fail_open_allowance_usd: organizationFields.fail_open_allowance_usd.optional(),
    on_hang_up: organizationFields.on_hang_up.default("abort"),
    allowed_models: organizationFields.allowed_models.default(null),
    member_keys: organizationFields.member_keys.default(null),
    metadata: organizationFields.metadata.default({}),
  }),
  output: Organization,
  run: async (ctx, asked) => {
    return ctx.db.transaction(async (tx) => {
      const [row] = await tx
        .insert(organizations)
        .values({
          name: asked.name,
          failureMode: asked.failure_mode,
          failOpenAllowanceUsd: asked.fail_open_allowance_usd,
          onHangUp: asked.on_hang_up,
          allowedModels: asked.allowed_models && withoutRepeats(asked.allowed_models),
          memberKeys: asked.member_keys && storedMemberKeys(asked.member_keys),
          ...limitColumns(asked),
          metadata: asked.metadata,
        })
        .returning(organizationColumns);
      if (row === undefined) throw new Error("the organization was not inserted");
      const organization = toOrganization(row);
      await recordAudit(tx, ctx, {
        action: "organization.create",
        subjectType: "organization",
        subjectId: organization.id,
        organizationId: organization.id,
        after: organization,
      });
      return organization;
    });
  },
});
