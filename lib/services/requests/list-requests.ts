import { type AnyColumn, and, arrayContains, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { ledger, ledgerStatus } from "#lib/db/schema/credit";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { momentField, textField } from "#lib/services/fields";
import { type Page, pageQuery, toPage } from "#lib/services/page";
import { visibleTo } from "#lib/services/scope";
import { createdWithin } from "./created-within";
import { type LedgerRequest, selectRequests, toLedgerRequest } from "./ledger-request";

const exactText = textField(200).min(1).optional();
/** A query has no booleans, and a form's checkbox is no text that says "false". */
const flag = z.enum(["true", "false"]).optional();

export const ListRequestsQuery = z.strictObject({
  from: momentField.optional().describe("By created_at, inclusive."),
  to: momentField.optional().describe("Exclusive."),
  organization_id: z.uuid().optional(),
  user_id: z.uuid().optional(),
  api_key_id: z.uuid().optional(),
  app_id: z.uuid().optional(),
  model: exactText.describe("The model's own name, which the ledger keeps where an alias was asked for."),
  provider: exactText.describe("The provider's name."),
  status: z.enum(ledgerStatus.enumValues).optional(),
  tag: exactText,
  stream: flag,
  failed: flag.describe("Whether the client was answered with an error, of ours or the provider's."),
  ...pageQuery,
});

/**
 * The ledger as far as the actor may see it, newest first: requests, and adjustments made by hand. What
 * was deleted since is there by its id.
 * @throws ServiceError "invalid"
 */
export async function listRequests(
  ctx: ServiceContext,
  query: z.input<typeof ListRequestsQuery> = {},
): Promise<Page<LedgerRequest>> {
  const filter = parseInput(ListRequestsQuery, query);
  const rows = await selectRequests(ctx.db)
    .where(and(visibleTo(ctx.actor, ledger), ...conditions(filter)))
    .orderBy(desc(ledger.id))
    .limit(filter.limit + 1);
  return toPage(
    rows.map((row) => ({ id: row.row.id, row })),
    filter.limit,
    ({ row }) => toLedgerRequest(row),
  );
}

function conditions(filter: z.output<typeof ListRequestsQuery>): (SQL | undefined)[] {
  const from = filter.from === undefined ? undefined : new Date(filter.from);
  const to = filter.to === undefined ? undefined : new Date(filter.to);
  const failed = gte(ledger.httpStatus, 400);
  return [
    equals(ledger.status, filter.status),
    equals(ledger.organizationId, filter.organization_id),
    equals(ledger.userId, filter.user_id),
    equals(ledger.apiKeyId, filter.api_key_id),
    equals(ledger.appId, filter.app_id),
    equals(ledger.model, filter.model),
    equals(ledger.provider, filter.provider),
    filter.tag === undefined ? undefined : arrayContains(ledger.tags, [filter.tag]),
    filter.stream === undefined ? undefined : eq(ledger.stream, filter.stream === "true"),
    filter.failed === undefined
      ? undefined
      : sql`(${failed}) is ${sql.raw(filter.failed === "true" ? "" : "not")} true`,
    filter.cursor === undefined ? undefined : lt(ledger.id, filter.cursor),
    createdWithin(from, to),
  ];
}

const equals = (column: AnyColumn, value: string | undefined) =>
  value === undefined ? undefined : eq(column, value);
