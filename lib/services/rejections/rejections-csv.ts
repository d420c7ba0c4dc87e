import type { ServiceContext } from "#lib/services/context";
import { csvOf, csvText } from "#lib/services/csv";
import { listRejections } from "./list-rejections";
import type { Rejection } from "./rejection";

const COLUMNS = [
  "hour",
  "code",
  "organization_id",
  "organization_name",
  "user_id",
  "user_name",
  "api_key_id",
  "api_key_name",
  "key_prefix",
  "app_id",
  "app_name",
  "model",
  "count",
  "last_at",
  "last_message",
] as const satisfies readonly (keyof Rejection)[];

const ROWS_PER_READING = 200;
const MOST_ROWS = 20_000;

/**
 * The rejections by the hour as CSV, newest first: all that the query names, up to 20 000 groups.
 * @throws ServiceError "invalid"
 */
export async function rejectionsCsv(
  ctx: ServiceContext,
  query: Omit<Parameters<typeof listRejections>[1] & object, "limit" | "cursor">,
): Promise<string> {
  const lines: string[][] = [[...COLUMNS]];
  let cursor: string | null = null;
  do {
    const page = await listRejections(ctx, {
      ...query,
      limit: ROWS_PER_READING,
      cursor: cursor ?? undefined,
    });
    for (const rejection of page.data) lines.push(COLUMNS.map((column) => cellOf(rejection[column])));
    cursor = page.next_cursor;
  } while (cursor !== null && lines.length < MOST_ROWS);
  return csvOf(lines);
}

const cellOf = (value: string | number | null) =>
  typeof value === "number" ? String(value) : csvText(value);
