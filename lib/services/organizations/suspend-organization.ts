import { eq } from "drizzle-orm";
import { organizations } from "#lib/db/schema/identity";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { verb } from "#lib/services/verb";
import { OrganizationId } from "./get-organization";
import { Organization, toOrganization } from "./organization";
import { lockOrganization, requireAdministrator } from "./organization-access";

/**
 * Rejects the organization's requests from the next one on, on every replica. Repeating it changes nothing.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden" except for
 * administrators
 */
export const suspendOrganization = verb({
  role: "org_admin",
  input: OrganizationId,
  output: Organization,
  run: (ctx, { id }) => setSuspended(ctx, id, true),
});

/** Allows a suspended organization's requests again, under the same rules. */
export const resumeOrganization = verb({
  role: "org_admin",
  input: OrganizationId,
  output: Organization,
  run: (ctx, { id }) => setSuspended(ctx, id, false),
});

async function setSuspended(ctx: ServiceContext, id: string, suspended: boolean): Promise<Organization> {
  const change = suspended ? "suspend" : "resume";
  return ctx.db.transaction(async (tx) => {
    const row = await lockOrganization(tx, ctx.actor, id);
    requireAdministrator(ctx.actor, `${change} organizations`);
    const before = toOrganization(row);
    if ((row.suspendedAt !== null) === suspended) return before;
    const suspendedAt = suspended ? new Date() : null;
    await tx.update(organizations).set({ suspendedAt }).where(eq(organizations.id, id));
    const after = toOrganization({ ...row, suspendedAt });
    await recordAudit(tx, ctx, {
      action: `organization.${change}`,
      subjectType: "organization",
      subjectId: id,
      organizationId: id,
      before,
      after,
    });
    return after;
  });
}
