import { and, arrayContains, eq, ilike, lte, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { apiKeys } from "#lib/db/schema/identity";
import { createdCursor, createdPageQuery, olderThan } from "#lib/services/created-page";
import { textField } from "#lib/services/fields";
import { hasMetadata, metadataFilter } from "#lib/services/metadata";
import { pageOf, toPage } from "#lib/services/page";
import { containsText } from "#lib/services/search";
import { verb } from "#lib/services/verb";
import { Key, type KeyStatus } from "./key";
import { selectKeys, toKeys } from "./key-rows";

/** The keys that the actor may see, newest first. */
export const listKeys = verb({
  role: "viewer",
  input: z.strictObject({
    tag: textField(100).min(1).optional().describe("Only keys with this tag."),
    metadata: metadataFilter,
    user_id: z.uuid().optional(),
    organization_id: z.uuid().optional(),
    status: z.enum(["all", "active", "expired", "revoked"]).default("all"),
    search: textField(100).optional().describe("Part of the name or the prefix."),
    ...createdPageQuery,
  }),
  output: pageOf(Key),
  run: async (ctx, { limit, cursor, ...filter }) => {
    const now = new Date();
    const condition = and(
      filter.tag === undefined ? undefined : arrayContains(apiKeys.tags, [filter.tag]),
      filter.user_id === undefined ? undefined : eq(apiKeys.userId, filter.user_id),
      filter.organization_id === undefined ? undefined : eq(apiKeys.organizationId, filter.organization_id),
      hasMetadata(apiKeys.metadata, filter.metadata),
      hasStatus(filter.status, now),
      matches(filter.search),
      olderThan(apiKeys, cursor),
    );
    const rows = await selectKeys(ctx.db, ctx.actor, condition, limit + 1);
    const page = toPage(rows, limit, (row) => row, createdCursor);
    return { ...page, data: await toKeys(ctx.db, ctx.actor, page.data, now) };
  },
});

function hasStatus(status: "all" | KeyStatus, now: Date): SQL | undefined {
  if (status === "all") return undefined;
  if (status === "revoked") return sql`${apiKeys.revokedAt} is not null`;
  const expired = lte(apiKeys.expiresAt, now);
  const inForce = sql`${apiKeys.revokedAt} is null`;
  return status === "expired" ? and(inForce, expired) : and(inForce, sql`(${expired}) is not true`);
}

function matches(search: string | undefined): SQL | undefined {
  if (!search) return undefined;
  const pattern = containsText(search);
  return or(ilike(apiKeys.name, pattern), ilike(apiKeys.keyPrefix, pattern));
}
