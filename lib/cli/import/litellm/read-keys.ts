import { wrongUsage } from "#lib/cli/failure";
import { parseCsv } from "#lib/cli/reconcile/csv";
import { apart } from "#lib/services/key-file/key-file";
import type { Unmoved } from "./read-config";
import {
  countIn,
  type Fields,
  fieldsIn,
  given,
  isEmpty,
  NotMovable,
  numberIn,
  textIn,
  usdOf,
} from "./values";

/** A key as `POST /api-keys` takes it, without its organization and models. */
export type NewKey = {
  name: string;
  sha256: string;
  fields: Fields;
  /** As LiteLLM has them: names, access groups and patterns; empty for all. */
  models: readonly string[];
  note: string | null;
};

export type LiteLlmKeys = { keys: readonly NewKey[]; failed: readonly Unmoved[]; left: readonly Unmoved[] };

const MOST_CHARACTERS = 100_000_000;

const SECONDS_OF: ReadonlyMap<string, number> = new Map([
  ...["", "s", "sec", "second"].map((each) => [each, 1] as const),
  ...["m", "min", "minute"].map((each) => [each, 60] as const),
  ...["h", "hr", "hour"].map((each) => [each, 3600] as const),
  ...["d", "day"].map((each) => [each, 86_400] as const),
  ...["w", "week"].map((each) => [each, 604_800] as const),
]);
const PERIOD_OF_SECONDS: ReadonlyMap<number, string> = new Map([
  [86_400, "day"],
  [604_800, "week"],
  [2_592_000, "month"],
]);
const PERIOD_OF_WORD: ReadonlyMap<string, string> = new Map([
  ["daily", "day"],
  ["weekly", "week"],
  ["monthly", "month"],
  ["1mo", "month"],
  ["1month", "month"],
]);

/** The period that is as long as one of LiteLLM's durations: `24h`, `7d`, `30d`, `1mo`; undefined if none is. */
function periodOf(duration: string): string | undefined {
  const text = duration.toLowerCase().replaceAll(/\s/g, "");
  const [, count, unit = ""] = /^(\d{1,9})([a-z]*?)(?:s)?$/.exec(text) ?? [];
  const seconds = SECONDS_OF.get(unit);
  if (count === undefined || seconds === undefined) return PERIOD_OF_WORD.get(text);
  return PERIOD_OF_SECONDS.get(Number(count) * seconds);
}

/** Columns that bound a key in a way that keys here are not. */
const OTHER_BOUNDS = ["model_max_budget", "allowed_routes"];
/** The same in its metadata. */
const OTHER_METADATA_BOUNDS = ["model_rpm_limit", "model_tpm_limit", "model_max_budget"];
/** Other columns without a counterpart: none of them bounds a key. */
const OTHER_COLUMNS = ["aliases", "config", "permissions"];

/** Every column that decides on a key: an export without one of them would create keys that can do more than there. */
export const JUDGED_COLUMNS: readonly string[] = [
  ...[
    "token",
    "key_alias",
    "key_name",
    "expires",
    "blocked",
    "models",
    "models_of_team",
    "team_id",
    "user_id",
  ],
  ...[
    "metadata",
    "spend",
    "max_budget",
    "budget_duration",
    "rpm_limit",
    "tpm_limit",
    "max_parallel_requests",
  ],
  ...OTHER_BOUNDS,
  ...OTHER_COLUMNS,
];

/**
 * Reads an export of LiteLLM's key table: a JSON array of rows, `{"keys": […]}` as `/key/list` answers, or CSV with a
 * header.
 * @throws CliError "usage" if it is neither, or only one page of several
 */
export function readKeys(text: string, path: string, now: Date): LiteLlmKeys {
  if (text.length > MOST_CHARACTERS)
    throw wrongUsage(`${path} is too large: at most ${MOST_CHARACTERS / 1_000_000} MB.`);
  const keys: NewKey[] = [];
  const failed: Unmoved[] = [];
  const left: Unmoved[] = [];
  const names = new Set<string>();
  const digests = new Set<string>();
  for (const [index, row] of rowsIn(text, path).entries()) {
    const label = labelOf(row, index);
    try {
      const reason = whyEnded(row, now);
      if (reason !== null) {
        left.push({ name: label, reason });
        continue;
      }
      const key = keyOf(row, apart(label, names), left);
      if (digests.has(key.sha256)) throw new NotMovable("Its token is there twice.");
      digests.add(key.sha256);
      keys.push(key);
    } catch (error) {
      if (!(error instanceof NotMovable)) throw error;
      failed.push({ name: label, reason: error.message });
    }
  }
  return { keys, failed, left };
}

function rowsIn(text: string, path: string): Fields[] {
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

/** The key's alias or name, and never its token. */
function labelOf(row: Fields, index: number): string {
  const name = [row.key_alias, row.key_name].find((each) => typeof each === "string" && each !== "");
  return typeof name === "string" ? name.trim().slice(0, 80) : `row ${index + 1}`;
}

/** Why a key is of no use here; null if it is. */
function whyEnded(row: Fields, now: Date): string | null {
  if (row.team_id === "litellm-dashboard") return "It is a session of LiteLLM's own pages.";
  if (row.blocked === true || row.blocked === "true") return "It is blocked.";
  const expires = instantIn(row, "expires");
  return expires !== undefined && expires <= now ? "It has expired." : null;
}

function keyOf(row: Fields, name: string, left: Unmoved[]): NewKey {
  const token = textIn(row, "token") ?? "";
  if (!/^[0-9a-f]{64}$/i.test(token)) throw new NotMovable("Its token is not a SHA-256 digest of 64 digits.");
  for (const bound of OTHER_BOUNDS)
    if (!isEmpty(row[bound]) && !isOfEveryKey(bound, row[bound]))
      throw new NotMovable(`${bound} has no counterpart here: without it, the key could do more than there.`);
  const metadata = fieldsIn(row.metadata);
  for (const bound of OTHER_METADATA_BOUNDS)
    if (!isEmpty(metadata[bound]))
      throw new NotMovable(
        `metadata.${bound} has no counterpart here: without it, the key could do more than there.`,
      );
  for (const column of OTHER_COLUMNS)
    if (!isEmpty(row[column])) left.push({ name, reason: `${column} has no counterpart here.` });
  const rates = given({
    requests_per_minute: countIn(row, "rpm_limit"),
    tokens_per_minute: countIn(row, "tpm_limit"),
    max_concurrent: countIn(row, "max_parallel_requests"),
  });
  const { budget, note } = budgetIn(row);
  return {
    name,
    sha256: token.toLowerCase(),
    note,
    models: modelsIn(row),
    fields: given({
      budget,
      rate_limits: Object.keys(rates).length > 0 ? rates : undefined,
      expires_at: instantIn(row, "expires")?.toISOString(),
      metadata: metadataIn(row, name, left),
    }),
  };
}

/** Routes that all keys here have, and no others: LiteLLM's type of key for LLM APIs alone. */
const isOfEveryKey = (bound: string, value: unknown): boolean =>
  bound === "allowed_routes" && Array.isArray(value) && value.every((route) => route === "llm_api_routes");

/** A budget without a period has what is left of it; one with a period begins anew. */
function budgetIn(row: Fields): { budget: Fields | undefined; note: string | null } {
  const limit = numberIn(row, "max_budget");
  if (limit === undefined) {
    if (isEmpty(row.budget_id)) return { budget: undefined, note: null };
    throw new NotMovable("Its budget is in LiteLLM_BudgetTable. Export the table's columns with the key.");
  }
  const duration = textIn(row, "budget_duration");
  if (duration !== undefined) {
    const period = periodOf(duration);
    if (period === undefined)
      throw new NotMovable(
        `There is no budget of ${duration.slice(0, 40)}: set it to 1d, 7d or 30d in the file, or remove budget_duration for one that never begins anew.`,
      );
    return { budget: { limit_usd: usdOf(limit), period }, note: null };
  }
  const spent = numberIn(row, "spend") ?? 0;
  const budget = { limit_usd: usdOf(Math.max(0, Number((limit - spent).toFixed(12)))), period: "total" };
  return { budget, note: spent > 0 ? `$${usdOf(spent)} of its budget were spent before` : null };
}

/** Its own models, or its team's if it has none of its own. */
function modelsIn(row: Fields): string[] {
  const own = namesIn(row, "models");
  const isOfTeam = own.includes(TEAMS_MODELS) || (own.length === 0 && !isEmpty(row.team_id));
  if (!isOfTeam) return own;
  // LiteLLM's own `team_models` is empty in `/key/list` whatever the team has.
  const { models_of_team: team } = row;
  if (team === undefined)
    throw new NotMovable(
      "It has its team's models, which the export lacks. Export the keys by the query in /docs/moving/litellm.",
    );
  if (team === null || team === "")
    throw new NotMovable("It has its team's models, and LiteLLM_TeamTable does not have its team.");
  return namesIn(row, "models_of_team");
}

const TEAMS_MODELS = "all-team-models";

function namesIn(row: Fields, column: string): string[] {
  const names: unknown = row[column];
  if (isEmpty(names)) return [];
  if (!Array.isArray(names)) throw new NotMovable(`${column} must be a list.`);
  return names.map((each: unknown) => {
    if (typeof each !== "string") throw new NotMovable(`${column} must be a list of names.`);
    return each;
  });
}

/** Times without a zone are UTC, as LiteLLM writes them. */
function instantIn(row: Fields, name: string): Date | undefined {
  const text = textIn(row, name);
  if (text === undefined) return undefined;
  const [day = "", clock = "00:00", zone = "Z"] =
    text.trim().match(/^[\d-]+|\d\d:[\d:.]+|(?:Z|[+-][\d:]+)$/g) ?? [];
  const time = new Date(`${day}T${clock}${zone.replace(/^([+-]\d\d)$/, "$1:00")}`);
  if (Number.isNaN(time.getTime())) throw new NotMovable(`${name} is no time.`);
  return time;
}

/** Its texts, and the ids of its team and user, so that reports can go by them. */
function metadataIn(row: Fields, name: string, left: Unmoved[]): Fields {
  const pairs = Object.entries({
    ...fieldsIn(row.metadata),
    ...given({ team_id: row.team_id || undefined, user_id: row.user_id || undefined }),
  }).filter(([, value]) => !isEmpty(value));
  const kept = pairs.filter(
    ([key, value]) => typeof value !== "object" && key.length <= 40 && String(value).length <= 500,
  );
  for (const pair of pairs)
    if (!kept.includes(pair))
      left.push({ name, reason: `metadata "${pair[0].slice(0, 40)}" is not a short text.` });
  return Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
}
