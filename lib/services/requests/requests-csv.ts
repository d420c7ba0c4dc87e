import type { z } from "zod";
import { CsvParts, csvOf, csvText } from "#lib/services/csv";
import { verb } from "#lib/services/verb";
import { LedgerRequest } from "./ledger-request";
import { ListRequestsQuery, readRequests } from "./list-requests";

const COLUMNS = LedgerRequest.keyof().options;
type Column = (typeof COLUMNS)[number];

const ROWS_PER_PAGE = 1_000;
/** Of a part: a page's metadata may be a hundred times as long as all else. */
const MOST_CHARACTERS = 1_000_000;

/**
 * Returns the part of the ledger that the actor may see as CSV, newest first: all rows that match. Each page is read
 * when it is asked for, so a file of any size takes the memory of one.
 * @throws ServiceError "invalid"
 */
export const requestsCsv = verb({
  role: "viewer",
  input: ListRequestsQuery,
  output: CsvParts,
  run: async (ctx, query) => ({ fileName: "requests.csv", parts: pagesOf(ctx, query) }),
});

async function* pagesOf(
  ctx: Parameters<typeof readRequests>[0],
  query: z.output<typeof ListRequestsQuery>,
): AsyncGenerator<string, undefined> {
  let header: readonly (readonly string[])[] = [COLUMNS];
  let { cursor } = query;
  do {
    const page = await readRequests(ctx, { ...query, cursor, limit: ROWS_PER_PAGE });
    let text = csvOf(header);
    for (const request of page.data) {
      text += csvOf([cellsOf(request)]);
      if (text.length < MOST_CHARACTERS) continue;
      yield text;
      text = "";
    }
    if (text !== "") yield text;
    header = [];
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

const cellsOf = (request: LedgerRequest): string[] =>
  COLUMNS.map((column) => cellOf(column, request[column]));

function cellOf(column: Column, value: LedgerRequest[Column]): string {
  if (value === null) return "";
  if (Array.isArray(value) && value.every((item) => typeof item === "string"))
    return csvText(value.join(","));
  if (typeof value === "object") return csvText(JSON.stringify(value));
  // An amount may be negative, which is no formula.
  return typeof value === "string" && !column.endsWith("_usd") ? csvText(value) : String(value);
}
