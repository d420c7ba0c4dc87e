import { z } from "zod";
import { adminTokens } from "#lib/db/schema/identity";
import { instantField } from "#lib/services/fields";

/** What a token may be: a person's roles without `member`, since a token is nobody with keys of their own. */
export const tokenRole = z.enum(["admin", "org_admin", "viewer"]);

/** An admin token as it is listed: enough to recognise it, nothing to use it with. */
export const AdminToken = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: tokenRole,
    organization_id: z.uuid().nullable().describe("Null only for the role `admin`."),
    token_prefix: z.string().describe("How the token begins."),
    expires_at: instantField.nullable(),
    last_used_at: instantField.nullable().describe("To the minute."),
    created_at: instantField,
    created_by: z.string().describe("The id of the person or token that made it."),
  })
  .meta({ id: "AdminToken" });
export type AdminToken = z.output<typeof AdminToken>;

/** The columns behind an `AdminToken`: the hash is not among them. */
export const adminTokenColumns = {
  id: adminTokens.id,
  name: adminTokens.name,
  role: adminTokens.role,
  organizationId: adminTokens.organizationId,
  tokenPrefix: adminTokens.tokenPrefix,
  expiresAt: adminTokens.expiresAt,
  lastUsedAt: adminTokens.lastUsedAt,
  createdAt: adminTokens.createdAt,
  createdBy: adminTokens.createdBy,
};

type AdminTokenRow = Omit<typeof adminTokens.$inferSelect, "tokenHash">;

export function toAdminToken(row: AdminTokenRow): AdminToken {
  return {
    id: row.id,
    name: row.name,
    role: tokenRole.parse(row.role),
    organization_id: row.organizationId,
    token_prefix: row.tokenPrefix,
    expires_at: row.expiresAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    created_by: row.createdBy,
  };
}
