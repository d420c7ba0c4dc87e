import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { organizations } from "#lib/db/schema/identity";
import { forbidden } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import { withoutRepeats } from "#lib/services/keys/key-fields";
import { limitColumns } from "#lib/services/limits";
import { recordScopeUpdate } from "#lib/services/record-scope-update";
import { verb } from "#lib/services/verb";
import { storedMemberKeys } from "./member-keys";
import { Organization, organizationFields, toOrganization } from "./organization";
import { lockOrganization } from "./organization-access";

const UpdateOrganizationInput = z.strictObject({
  id: idField("organization"),
  ...organizationFields,
  name: organizationFields.name.optional(),
  failure_mode: organizationFields.failure_mode.optional(),
  fail_open_allowance_usd: organizationFields.fail_open_allowance_usd.optional(),
  on_hang_up: organizationFields.on_hang_up.optional(),
  allowed_models: organizationFields.allowed_models.optional(),
  member_keys: organizationFields.member_keys.optional(),
  metadata: organizationFields.metadata.optional(),
});

type Changes = Omit<z.output<typeof UpdateOrganizationInput>, "id">;

/**
 * Updates the given fields. An `org_admin` may only rename their organization and bound its people's keys.
 * @throws ServiceError "not_found", "forbidden"
 */
export const updateOrganization = verb({
  role: "org_admin",
  input: UpdateOrganizationInput,
  output: Organization,
  run: async (ctx, { id, ...changes }) => {
    return retryingTransaction(ctx.db, async (tx) => {
      const row = await lockOrganization(tx, ctx.actor, id);
      requireMayChange(ctx.actor, changes);
      const columns = columnsOf(changes);
      const before = toOrganization(row);
      const after = toOrganization({ ...row, ...columns });
      if (isDeepStrictEqual(before, after)) return before;
      await tx.update(organizations).set(columns).where(eq(organizations.id, id));
      await recordScopeUpdate(tx, ctx, "organization", id, { row, columns, before, after });
      return after;
    });
  },
});

function requireMayChange(actor: Actor, { name: _, member_keys: __, ...settings }: Changes): void {
  if (actor.role === "admin") return;
  if (Object.values(settings).some((value) => value !== undefined)) {
    throw forbidden(
      "You may only change your organization's name and member_keys. Ask an administrator to change its other settings.",
    );
  }
}

function columnsOf(changes: Changes) {
  const {
    name,
    failure_mode,
    fail_open_allowance_usd,
    on_hang_up,
    allowed_models,
    member_keys,
    metadata,
    ...limits
  } = changes;
  return {
    ...(name === undefined ? {} : { name }),
    ...(failure_mode === undefined ? {} : { failureMode: failure_mode }),
    ...(fail_open_allowance_usd === undefined ? {} : { failOpenAllowanceUsd: fail_open_allowance_usd }),
    ...(on_hang_up === undefined ? {} : { onHangUp: on_hang_up }),
    ...(allowed_models === undefined
      ? {}
      : { allowedModels: allowed_models && withoutRepeats(allowed_models) }),
    ...(member_keys === undefined ? {} : { memberKeys: member_keys && storedMemberKeys(member_keys) }),
    ...(metadata === undefined ? {} : { metadata }),
    ...limitColumns(limits),
  };
}
