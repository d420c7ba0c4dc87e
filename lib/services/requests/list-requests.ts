import { and, arrayContains, desc, eq, gte, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { ledger, ledgerStatus } from "#lib/db/schema/credit";
import type { ServiceContext } from "#lib/services/context";
import { momentField, textField } from "#lib/services/fields";
import { equals, ownedBy, ownerFilters } from "#lib/services/owners";
import { type Page, pageOf, pageQuery } from "#lib/services/page";
import { verb } from "#lib/services/verb";
import { boundedPage, MOST_ROWS_READ } from "./bounded-page";
import { createdWithin, idsWithin } from "./created-within";
import { LedgerRequest, selectRequests, toLedgerRequests } from "./ledger-request";

const exactText = textField(200).min(1).optional();
/** A query string has no booleans, and coercion would read "false" as true. */
const flag = z.enum(["true", "false"]).optional();

/** Which rows of the ledger to list. */
export const ListRequestsQuery = z.strictObject({
  from: momentField.optional().describe("By created_at, inclusive."),
  to: momentField.optional().describe("Exclusive."),
  ...ownerFilters,
  model: exactText.describe("The model's own name, not an alias."),
  provider: exactText.describe("The provider's name."),
  status: z.enum(ledgerStatus.enumValues, `Choose one of: ${ledgerStatus.enumValues.join(", ")}.`).optional(),
  tag: exactText,
  session_id: exactText,
  client_request_id: exactText.describe("What the client sent as `x-request-id` or `x-client-request-id`."),
  search: exactText.describe("The id of a request, the client's own id of it, or a session's."),
  error_code: exactText.describe("Such as `upstream_error`."),
  endpoint: exactText.describe("Such as `chat/completions`."),
  stream: flag,
  failed: flag.describe("Whether the client got an error, of Tollgate or of the provider."),
  ...pageQuery,
});

/**
 * Lists the part of the ledger that the actor may see, newest first: requests and manual adjustments. Rows
 * keep the ids of what was deleted since.
 * @throws ServiceError "invalid"
 */
export const listRequests = verb({
  role: "viewer",
  input: ListRequestsQuery,
  output: pageOf(LedgerRequest),
  run: (ctx, filter) => readRequests(ctx, filter),
});

/**
 * Reads a page of the part of the ledger that the actor may see.
 * @param mostRead how many rows to read for it: with fewer that match, the page is short, and its cursor reads on
 */
export async function readRequests(
  { db, actor }: Pick<ServiceContext, "db" | "actor">,
  filter: z.output<typeof ListRequestsQuery>,
  mostRead = MOST_ROWS_READ,
): Promise<Page<LedgerRequest>> {
  const { limit } = filter;
  const searchedId = z.uuid().safeParse(filter.search).data ?? null;
  const [from, to] = [dateOf(filter.from), dateOf(filter.to)];
  const range = idsWithin(from, to, filter.cursor);
  const matching = and(createdWithin(from, to), ...conditions(filter, searchedId));
  return db.transaction(
    async (tx) => {
      const { ids, nextCursor } = await boundedPage(tx, {
        actor,
        filter,
        searchedId,
        range,
        matching,
        limit,
        mostRead,
      });
      // One parameter instead of a thousand.
      const isOnPage = sql`${ledger.id} = any(${`{${ids.join(",")}}`}::uuid[])`;
      const rows = ids.length === 0 ? [] : await selectRequests(tx).where(isOnPage).orderBy(desc(ledger.id));
      return { data: await toLedgerRequests(tx, rows), next_cursor: nextCursor };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text));

function conditions(
  filter: z.output<typeof ListRequestsQuery>,
  searchedId: string | null,
): (SQL | undefined)[] {
  const failed = gte(ledger.httpStatus, 400);
  return [
    equals(ledger.status, filter.status),
    ownedBy(ledger, filter),
    equals(ledger.model, filter.model),
    equals(ledger.provider, filter.provider),
    equals(ledger.sessionId, filter.session_id),
    equals(ledger.clientRequestId, filter.client_request_id),
    filter.search === undefined ? undefined : namedBy(filter.search, searchedId),
    equals(ledger.errorCode, filter.error_code),
    equals(ledger.endpoint, filter.endpoint),
    filter.tag === undefined ? undefined : arrayContains(ledger.tags, [filter.tag]),
    filter.stream === undefined ? undefined : eq(ledger.stream, filter.stream === "true"),
    filter.failed === undefined
      ? undefined
      : sql`(${failed}) is ${sql.raw(filter.failed === "true" ? "" : "not")} true`,
  ];
}

/** The row with an id, or those that a client has named so. */
const namedBy = (text: string, id: string | null): SQL | undefined =>
  or(
    id === null ? undefined : eq(ledger.id, id),
    eq(ledger.clientRequestId, text),
    eq(ledger.sessionId, text),
  );
