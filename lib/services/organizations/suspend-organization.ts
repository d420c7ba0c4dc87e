import { eq } from "drizzle-orm";
import type { z } from "zod";
import { organizations } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import type { ServiceContext } from "#lib/services/context";
import { OrganizationId } from "./get-organization";
import { type Organization, toOrganization } from "./organization";
import { lockOrganization, requireAdministrator } from "./organization-access";

/**
 * Refuses every request of the organization from the next one on, on every replica. Doing it twice
 * changes and audits nothing more.
 * @throws ServiceError "not_found", "forbidden" for all but administrators
 */
export const suspendOrganization = (ctx: ServiceContext, input: z.input<typeof OrganizationId>) =>
  setSuspended(ctx, input, true);

/** Lets a suspended organization's requests through again; the same rules hold. */
export const resumeOrganization = (ctx: ServiceContext, input: z.input<typeof OrganizationId>) =>
  setSuspended(ctx, input, false);

async function setSuspended(
  ctx: ServiceContext,
  input: z.input<typeof OrganizationId>,
  suspended: boolean,
): Promise<Organization> {
  const { id } = parseInput(OrganizationId, input);
  const verb = suspended ? "suspend" : "resume";
  return ctx.db.transaction(async (tx) => {
    const row = await lockOrganization(tx, ctx.actor, id);
    requireAdministrator(ctx.actor, `${verb} organizations`);
    const before = toOrganization(row);
    if ((row.suspendedAt !== null) === suspended) return before;
    const suspendedAt = suspended ? new Date() : null;
    await tx.update(organizations).set({ suspendedAt }).where(eq(organizations.id, id));
    const after = toOrganization({ ...row, suspendedAt });
    await recordAudit(tx, ctx, {
      action: `organization.${verb}`,
      subjectType: "organization",
      subjectId: id,
      organizationId: id,
      before,
      after,
    });
    return after;
  });
}
