import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Actor } from "#lib/auth/actor";
import { newAdminToken } from "#lib/auth/admin-token";
import { keyPrefix } from "#lib/auth/api-key";
import type { Tx } from "#lib/db/client";
import { adminTokens, organizations } from "#lib/db/schema/identity";
import { forbidden, invalidField } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { instantField, nameField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { AdminToken, adminTokenColumns, toAdminToken, tokenRole } from "./admin-token";

export const CreateAdminTokenInput = z.strictObject({
  name: nameField,
  role: tokenRole.describe(
    "`admin`: everything. `org_admin`: one organization. `viewer`: reads one organization.",
  ),
  organization_id: z
    .uuid("Give an organization's id.")
    .optional()
    .describe(
      "Which organization. With the role `admin` there is none; an organization's own admin may leave it out.",
    ),
  expires_at: instantField
    .refine((text) => new Date(text) > new Date(), "Give a time in the future.")
    .nullable()
    .optional()
    .describe("Null: it works until it is deleted."),
});

/** A new token: `token` exists here and nowhere else, ever again. */
export const CreatedAdminToken = AdminToken.extend({
  token: z.string().describe("Shown this once: keep it."),
}).meta({ id: "CreatedAdminToken" });
export type CreatedAdminToken = z.output<typeof CreatedAdminToken>;

/**
 * Makes an admin token and audits it. Nobody makes one that may do more than they may, or that outlives
 * the token it was made with.
 * @throws ServiceError "invalid" (also for an organization that is not there for this actor), "forbidden"
 */
export const createAdminToken = verb({
  role: "org_admin",
  input: CreateAdminTokenInput,
  output: CreatedAdminToken,
  run: async (ctx, { name, role, ...asked }) => {
    const organizationId = organizationOf(ctx.actor, role, asked.organization_id);
    const expiresAt = asked.expires_at == null ? null : new Date(asked.expires_at);
    refuseToOutlive(ctx.actor, expiresAt);
    const token = newAdminToken();
    const row = {
      name,
      role,
      organizationId,
      tokenHash: ctx.hashSecret(token),
      tokenPrefix: keyPrefix(token),
      expiresAt,
      createdBy: ctx.actor.id,
    };
    return ctx.db.transaction(async (tx) => {
      if (organizationId !== null) await lockAgainstDeletion(tx, organizationId);
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
    if (actor.role !== "admin") throw forbidden("Only an administrator may make a token of the role admin.");
    if (asked !== undefined) throw invalidField("organization_id", "The role admin has no organization.");
    return null;
  }
  const organizationId = asked ?? actor.organizationId;
  if (organizationId === null) throw invalidField("organization_id", "Give an organization's id.");
  if (actor.role !== "admin" && organizationId !== actor.organizationId) throw noSuchOrganization();
  return organizationId;
}

function refuseToOutlive(actor: Actor, expiresAt: Date | null): void {
  const end = actor.kind === "token" ? (actor.expiresAt ?? null) : null;
  if (end === null || (expiresAt !== null && expiresAt <= end)) return;
  throw invalidField(
    "expires_at",
    `A token cannot outlive the one it is made with: give at most ${end.toISOString()}.`,
  );
}

async function lockAgainstDeletion(tx: Tx, organizationId: string): Promise<void> {
  const [organization] = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for("key share");
  if (organization === undefined) throw noSuchOrganization();
}

const noSuchOrganization = () => invalidField("organization_id", "Organization not found.");
