import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { adminTokens, users } from "#lib/db/schema/identity";
import {
  type WithOrganizationName,
  withOrganizationNames,
} from "#lib/portal/organizations/with-organization-names";
import { userNames } from "#lib/portal/users/user-names";
import type { AdminToken } from "#lib/services/admin-tokens/admin-token";
import { listAdminTokens } from "#lib/services/admin-tokens/list-admin-tokens";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
import { userName } from "#lib/services/users/user-name";
import type { InputOf } from "#lib/services/verb";

export type AdminTokenTableRow = AdminToken &
  WithOrganizationName & {
    /** The user or token that created it. Null if that was deleted. */
    created_by_name: string | null;
    expired: boolean;
  };

/**
 * Lists the admin tokens that the actor administers, newest first.
 * @throws ServiceError "invalid", "forbidden"
 */
export async function adminTokenTable(
  ctx: ServiceContext,
  query: InputOf<typeof listAdminTokens>,
): Promise<Page<AdminTokenTableRow>> {
  const { data, next_cursor } = await listAdminTokens(ctx, query);
  const [named, creators] = await Promise.all([withOrganizationNames(ctx, data), creatorNames(ctx, data)]);
  const now = new Date().toISOString();
  const rows = named.map((token) => ({
    ...token,
    created_by_name: creators.get(token.created_by) ?? null,
    expired: token.expires_at !== null && token.expires_at <= now,
  }));
  return { data: rows, next_cursor };
}

/** Also of administrators, who create tokens for organizations. Of a person who has left: the name until then. */
async function creatorNames(
  ctx: ServiceContext,
  tokens: readonly AdminToken[],
): Promise<Map<string, string>> {
  const ids = [...new Set(tokens.map((token) => token.created_by))].filter(
    (id) => z.uuid().safeParse(id).success,
  );
  const names = new Map([["admin_api_key", "ADMIN_API_KEY"]]);
  if (ids.length === 0) return names;
  const [people, administrators, creatorTokens] = await Promise.all([
    userNames(ctx, ids),
    ctx.db
      .select({ id: users.id, name: sql<string>`${userName}` })
      .from(users)
      .where(and(inArray(users.id, ids), eq(users.role, "admin"))),
    ctx.db
      .select({ id: adminTokens.id, name: adminTokens.name })
      .from(adminTokens)
      .where(inArray(adminTokens.id, ids)),
  ]);
  for (const [id, name] of people) names.set(id, name);
  for (const { id, name } of [...administrators, ...creatorTokens]) names.set(id, name);
  return names;
}
