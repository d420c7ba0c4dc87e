import { z } from "zod";
import { usedTokenColumns } from "#lib/auth/admin-token";
import { adminTokens } from "#lib/db/schema/identity";
import { instantField } from "#lib/services/fields";

/** The roles of a token. Not `member`, since a token owns no API keys. */
export const tokenRole = z.enum(["admin", "org_admin", "viewer"]);

/** An admin token in the shape of the API, without its value. */
export const AdminToken = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: tokenRole,
    organization_id: z.uuid().nullable().describe("Null only for the role `admin`."),
    token_prefix: z.string().describe("The first characters, to recognize the token."),
    expires_at: instantField.nullable(),
    last_used_at: instantField.nullable().describe("Accurate to the minute."),
    created_at: instantField,
    created_by: z.string().describe("The id of the user or token that created it."),
    maker_id: z
      .uuid()
      .nullable()
      .describe(
        "The user whose rights bound the token's at each request, and who ends it by leaving. Null: no one.",
      ),
  })
  .meta({ id: "AdminToken" });
export type AdminToken = z.output<typeof AdminToken>;

/** The columns of an `AdminToken`, without the hash. */
export const adminTokenColumns = {
  ...usedTokenColumns,
  tokenPrefix: adminTokens.tokenPrefix,
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
    maker_id: row.makerId,
  };
}
