import "server-only";
import { and, desc, eq, gte, lt, type SQL } from "drizzle-orm";
import { z } from "zod";
import { ledger, ledgerStatus } from "#lib/db/schema/credit";
import { apiKeys, organizations, users } from "#lib/db/schema/identity";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { type Page, pageQuery, toPage } from "#lib/services/page";
import { visibleTo } from "#lib/services/scope";
import { type RequestSummary, summaryColumns, toSummary } from "./request-summary";

const isoInstant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const ListRequestsQuery = z.object({
  status: z.enum(ledgerStatus.enumValues).optional(),
  model: z.string().min(1).max(200).optional(),
  apiKeyId: z.uuid().optional(),
  userId: z.uuid().optional(),
  organizationId: z.uuid().optional(),
  stream: z.boolean().optional(),
  /** Only requests that ended in an error of ours or the provider's. */
  failed: z.boolean().optional(),
  /** Inclusive. */
  from: isoInstant.optional(),
  /** Exclusive. */
  to: isoInstant.optional(),
  ...pageQuery,
});

/**
 * The ledger as far as the actor may see it, newest first.
 * @throws ServiceError "invalid"
 */
export async function listRequests(
  ctx: ServiceContext,
  query: z.input<typeof ListRequestsQuery> = {},
): Promise<Page<RequestSummary>> {
  const filter = parseInput(ListRequestsQuery, query);
  const rows = await ctx.db
    .select(summaryColumns)
    .from(ledger)
    .leftJoin(organizations, eq(organizations.id, ledger.organizationId))
    .leftJoin(users, eq(users.id, ledger.userId))
    .leftJoin(apiKeys, eq(apiKeys.id, ledger.apiKeyId))
    .where(and(visibleTo(ctx.actor, ledger), ...conditions(filter)))
    .orderBy(desc(ledger.id))
    .limit(filter.limit + 1);
  return toPage(rows, filter.limit, toSummary);
}

function conditions(filter: z.output<typeof ListRequestsQuery>): (SQL | undefined)[] {
  const { from, to } = filter;
  return [
    filter.status && eq(ledger.status, filter.status),
    filter.model === undefined ? undefined : eq(ledger.model, filter.model),
    filter.apiKeyId && eq(ledger.apiKeyId, filter.apiKeyId),
    filter.userId && eq(ledger.userId, filter.userId),
    filter.organizationId && eq(ledger.organizationId, filter.organizationId),
    filter.stream === undefined ? undefined : eq(ledger.stream, filter.stream),
    filter.failed ? gte(ledger.httpStatus, 400) : undefined,
    filter.cursor && lt(ledger.id, filter.cursor),
    from && and(gte(ledger.createdAt, from), gte(ledger.id, idFloor(from.getTime() - CLOCK_SLACK_MS))),
    to && and(lt(ledger.createdAt, to), lt(ledger.id, idFloor(to.getTime() + CLOCK_SLACK_MS))),
  ].map((condition) => condition || undefined);
}

/** How far the clock that made an id may be from the database's, which made `created_at`. */
const CLOCK_SLACK_MS = 60 * 60 * 1000;

/**
 * The least UUIDv7 of a millisecond. Ids sort by time, so a bound on them lets the index on
 * (…, id) skip what lies outside the window, which `created_at` alone cannot.
 */
function idFloor(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
