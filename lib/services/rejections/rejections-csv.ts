import { CsvFile, csvOf, csvText } from "#lib/services/csv";
import { verb } from "#lib/services/verb";
import { ListRejectionsQuery, readRejections } from "./list-rejections";
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

const ROWS_PER_QUERY = 200;
const MOST_ROWS = 20_000;

/**
 * Returns the rejections by the hour as CSV, newest first: all that match, at most 20 000 groups.
 * @throws ServiceError "invalid"
 */
export const rejectionsCsv = verb({
  role: "viewer",
  input: ListRejectionsQuery,
  output: CsvFile,
  run: async (ctx, query) => {
    const lines: string[][] = [[...COLUMNS]];
    let cursor: string | undefined;
    do {
      const page = await readRejections(ctx, { ...query, limit: ROWS_PER_QUERY, cursor });
      for (const rejection of page.data) lines.push(COLUMNS.map((column) => cellOf(rejection[column])));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && lines.length < MOST_ROWS);
    return { fileName: "rejections.csv", text: csvOf(lines) };
  },
});

const cellOf = (value: string | number | null) =>
  typeof value === "number" ? String(value) : csvText(value);
