import { wrongUsage } from "#lib/cli/failure";
import { apart } from "#lib/services/key-file/key-file";
import type { Unmoved } from "./read-config";
import { rowsIn } from "./read-rows";
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
  /** Lists as LiteLLM has them, of names, access groups and patterns, empty for all: a model must be in each. */
  models: readonly (readonly string[])[];
  tags: readonly string[];
  note: string | null;
};

export type LiteLlmKeys = { keys: readonly NewKey[]; failed: readonly Unmoved[]; left: readonly Unmoved[] };

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
 * @param team only the keys of this team
 * @throws CliError "usage" if it is neither, or only one page of several, or has no key of the team
 */
export function readKeys(text: string, path: string, now: Date, team?: string): LiteLlmKeys {
  const keys: NewKey[] = [];
  const failed: Unmoved[] = [];
  const left: Unmoved[] = [];
  const names = new Set<string>();
  const digests = new Set<string>();
  const rows = rowsIn(text, path);
  const isWanted = ({ team_id: id }: Fields) => team === undefined || id === team;
  if (rows.length > 0 && !rows.some(isWanted)) throw wrongUsage(`${path} has no key of the team "${team}".`);
  for (const [index, row] of rows.entries()) {
    if (!isWanted(row)) continue;
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
  const tags = tagsIn(metadata);
  return {
    name,
    sha256: token.toLowerCase(),
    note,
    models: modelsIn(row),
    tags,
    fields: given({
      budget,
      rate_limits: Object.keys(rates).length > 0 ? rates : undefined,
      expires_at: instantIn(row, "expires")?.toISOString(),
      metadata: metadataIn(row, { ...metadata, ...(tags.length > 0 && { tags: null }) }, name, left),
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

/** Its own models and its team's: both bind it there. */
function modelsIn(row: Fields): string[][] {
  const own = namesIn(row, "models");
  if (isEmpty(row.team_id) && !own.includes(TEAMS_MODELS)) return [own];
  // LiteLLM's own `team_models` is empty in `/key/list` whatever the team has.
  const { models_of_team: team } = row;
  const hasOwn = own.length > 0 && !own.includes(TEAMS_MODELS);
  if (team === undefined)
    throw new NotMovable(
      `${hasOwn ? "It is bound by" : "It has"} its team's models, which the export lacks. Export the keys by the query in /docs/moving/litellm.`,
    );
  if (hasOwn) return [own, ...(isEmpty(team) ? [] : [namesIn(row, "models_of_team")])];
  if (team === null || team === "")
    throw new NotMovable("It has its team's models, and LiteLLM_TeamTable does not have its team.");
  return [namesIn(row, "models_of_team")];
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

const MOST_TAGS = 49;

/** Those of its metadata, if a key here can have them beside ours; else empty. */
function tagsIn({ tags }: Fields): string[] {
  const texts = (Array.isArray(tags) ? tags : []).filter(
    (tag) => typeof tag === "string" && tag.trim() !== "" && tag.length <= 100,
  );
  return Array.isArray(tags) && texts.length === tags.length && texts.length <= MOST_TAGS ? texts : [];
}

/** Its texts, and the ids of its team and user, so that reports can go by them. */
function metadataIn(row: Fields, metadata: Fields, name: string, left: Unmoved[]): Fields {
  const pairs = Object.entries({
    ...metadata,
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
