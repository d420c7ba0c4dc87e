import { wrongUsage } from "#lib/cli/failure";
import { parseCsv } from "#lib/cli/reconcile/csv";
import { type Fields, fieldsIn } from "./values";

const MOST_CHARACTERS = 100_000_000;

/**
 * The rows of an export of LiteLLM's key table, as readKeys takes it.
 * @throws CliError "usage"
 */
export function rowsIn(text: string, path: string): Fields[] {
  if (text.length > MOST_CHARACTERS)
    throw wrongUsage(`${path} is too large: at most ${MOST_CHARACTERS / 1_000_000} MB.`);
  const isJson = /^\uFEFF?\s*[[{]/.test(text);
  if (!isJson) {
    const { columns, rows } = parseCsv(text, path);
    if (!columns.includes("token")) throw wrongUsage(`${path} has no column "token".`);
    return rows.map(({ cells }) =>
      Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, cellValue(cell)])),
    );
  }
  const parsed = jsonOf(text.replace(/^\uFEFF/, ""));
  if (Array.isArray(parsed)) return parsed.map(fieldsIn);
  const { keys: rows, total_pages: pages, total_count: count } = fieldsIn(parsed);
  if (!Array.isArray(rows)) throw wrongUsage(`${path} is neither CSV nor a JSON array of keys.`);
  if (Number(pages) > 1 || Number(count) > rows.length)
    throw wrongUsage(
      `${path} is one page of /key/list, with ${rows.length} of ${count ?? "more"} keys. Export all by the query in /docs/moving/litellm, or get every page (&size=100&page=1, 2, …) and join them:  jq -s '[.[].keys[]]' page-*.json > keys.json`,
    );
  return rows.map(fieldsIn);
}

/** A cell of CSV: JSON, one of PostgreSQL's arrays or booleans, or a text. */
function cellValue(cell: string): unknown {
  if (cell === "t" || cell === "f") return cell === "t";
  if (!/^[[{]/.test(cell)) return cell;
  const parsed = jsonOf(cell);
  if (parsed !== undefined || !cell.startsWith("{")) return parsed;
  return [...cell.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map(
    ([, quoted, plain = ""]) => quoted?.replaceAll(/\\(.)/g, "$1") ?? plain,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
