import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { newAdminToken } from "#lib/auth/admin-token";
import { keyPrefix } from "#lib/auth/api-key";
import type { Tx } from "#lib/db/client";
import { adminTokens, organizations } from "#lib/db/schema/identity";
import { forbidden, invalidField, ServiceError } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { instantField, nameField } from "#lib/services/fields";
import { requireWithinLife } from "#lib/services/token-life";
import { verb } from "#lib/services/verb";
import { AdminToken, adminTokenColumns, toAdminToken, tokenRole } from "./admin-token";

/** A new token with its value, which only this answer has. */
export const CreatedAdminToken = AdminToken.extend({
  token: z.string().describe("The token itself. Shown only once."),
}).meta({ id: "CreatedAdminToken" });
export type CreatedAdminToken = z.output<typeof CreatedAdminToken>;

/**
 * Creates an admin token, which never has more rights than its maker has at the time of use, and no longer life than
 * the creating token.
 * @throws ServiceError "not_found" for an organization that the actor may not see, "forbidden" for the role
 * admin except by administrators
 */
export const createAdminToken = verb({
  role: "org_admin",
  input: z.strictObject({
    name: nameField,
    role: tokenRole.describe(
      "`admin`: everything. `org_admin`: one organization. `viewer`: read access to one organization.",
    ),
    organization_id: z
      .uuid("Choose an organization.")
      .optional()
      .describe("Required unless the role is `admin`. Defaults to your own."),
    expires_at: instantField
      .refine((text) => new Date(text) > new Date(), "Choose a time in the future.")
      .nullable()
      .optional()
      .describe("Null: valid until it is deleted."),
  }),
  output: CreatedAdminToken,
  run: async (ctx, { name, role, ...asked }) => {
    const organizationId = organizationOf(ctx.actor, role, asked.organization_id);
    const expiresAt = asked.expires_at == null ? null : new Date(asked.expires_at);
    requireWithinLife(ctx.actor, expiresAt, "token");
    const token = newAdminToken();
    const row = {
      name,
      role,
      organizationId,
      tokenHash: ctx.hashSecret(token),
      tokenPrefix: keyPrefix(token),
      expiresAt,
      createdBy: ctx.actor.id,
      makerId: makerOf(ctx.actor, organizationId),
    };
    return ctx.db.transaction(async (tx) => {
      if (organizationId !== null) await lockOrganization(tx, organizationId);
      const [created] = await tx.insert(adminTokens).values(row).returning(adminTokenColumns);
      if (created === undefined) throw new Error("the token was not inserted");
      const after = toAdminToken(created);
      await recordAudit(tx, ctx, {
        action: "admin_token.create",
        subjectType: "admin_token",
        subjectId: created.id,
        organizationId,
        after,
      });
      return { ...after, token };
    });
  },
});

function organizationOf(
  actor: Actor,
  role: z.output<typeof tokenRole>,
  asked: string | undefined,
): string | null {
  if (role === "admin") {
    if (actor.role !== "admin")
      throw forbidden("Only administrators may create a token with the role admin.");
    if (asked !== undefined)
      throw invalidField("organization_id", "A token with the role admin has no organization.");
    return null;
  }
  const organizationId = asked ?? actor.organizationId;
  if (organizationId === null) throw invalidField("organization_id", "Choose an organization.");
  if (actor.role !== "admin" && organizationId !== actor.organizationId) throw noSuchOrganization();
  return organizationId;
}

/**
 * The user who bounds a new token: its creator, or the maker of the token that creates it, so that a chain of tokens
 * ends with its first user. An administrator who creates a token for an organization gives it away: it stays as it is.
 */
function makerOf(actor: Actor, organizationId: string | null): string | null {
  if (actor.kind === "token") return actor.makerId ?? null;
  return actor.role === "admin" && organizationId !== null ? null : actor.id;
}

async function lockOrganization(tx: Tx, organizationId: string): Promise<void> {
  const [organization] = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for("key share");
  if (organization === undefined) throw noSuchOrganization();
}

function noSuchOrganization(): ServiceError {
  const message = "Organization not found.";
  return new ServiceError("not_found", message, { organization_id: message });
}
