import { createLoader, createParser, createSerializer, parseAsStringLiteral } from "nuqs/server";
import { reportQuery } from "#lib/portal/usage/report-query";
import { daysOf, USAGE_PERIODS, type UsageDays, type UsagePeriod } from "#lib/portal/usage/usage-period";
import { isUsageGroup, metadataNameOf, type UsageGroup } from "#lib/services/usage/usage-question";
import { parseAsDay, parseAsUuid, parseAsWord } from "../address-parsers";

const METADATA_NAME = /^(?! )[^\p{Cc}\p{Cs}]{1,40}(?<! )$/u;

const parseAsGroup = createParser<UsageGroup>({
  parse: (text) => {
    if (!isUsageGroup(text)) return null;
    const name = metadataNameOf(text);
    return name === null || METADATA_NAME.test(name) ? text : null;
  },
  serialize: (group) => group,
});

/** The query parameters of the usage page, which has nothing else: a copied address shows the same. */
export const usageParsers = {
  range: parseAsStringLiteral(USAGE_PERIODS).withDefault("30d"),
  /** Free dates, both inclusive, instead of a range. */
  from: parseAsDay,
  to: parseAsDay,
  group: parseAsGroup.withDefault("model"),
  by: parseAsGroup,
  organization: parseAsUuid,
  user: parseAsUuid,
  key: parseAsUuid,
  app: parseAsUuid,
  model: parseAsWord,
  provider: parseAsWord,
  tag: parseAsWord,
};

export const loadUsageParams = createLoader(usageParsers);
const hrefOf = createSerializer(usageParsers);

export type UsageParams = Awaited<ReturnType<typeof loadUsageParams>>;

/** The page with these parameters. */
export const usageHref = (params: Parameters<typeof hrefOf>[1]): string => hrefOf("/usage", params);

export const NO_FILTERS = {
  organization: null,
  user: null,
  key: null,
  app: null,
  model: null,
  provider: null,
  tag: null,
};
type FilterName = keyof typeof NO_FILTERS;

/** The parameters that filter, by the group that each is about. */
const FILTERS: ReadonlyMap<UsageGroup, FilterName> = new Map<UsageGroup, FilterName>([
  ["organization", "organization"],
  ["user", "user"],
  ["api_key", "key"],
  ["app", "app"],
  ["model", "model"],
  ["provider", "provider"],
  ["tag", "tag"],
]);

export const isFiltered = (params: UsageParams): boolean =>
  [...FILTERS.values()].some((name) => params[name] !== null);

/** The parameters of a group's own usage; null if the page cannot be filtered by it. */
export function filteredBy(
  params: UsageParams,
  path: readonly { group: UsageGroup; value: string | null }[],
): UsageParams | null {
  const filtered = { ...params };
  for (const { group, value } of path) {
    const name = FILTERS.get(group);
    if (value === null || (group !== "day" && name === undefined)) return null;
    if (name !== undefined) Object.assign(filtered, { [name]: usageParsers[name].parse(value) });
    if (group === "day") Object.assign(filtered, { from: value, to: value });
  }
  return filtered;
}

/** Before any usage. */
const EARLIEST_DAY = "2000-01-01";

/** The days of these parameters, as far as there can be usage, and the name of them if they have one. */
export function daysIn(
  { range, from, to }: Pick<UsageParams, "range" | "from" | "to">,
  today: string,
): { days: UsageDays; period: UsagePeriod | null } {
  if (from === null && to === null) return { days: daysOf(range, today), period: range };
  const possible = (day: string) => (day < EARLIEST_DAY ? EARLIEST_DAY : day > today ? today : day);
  const ends = [from ?? to ?? today, to ?? from ?? today].map(possible).sort();
  return { days: { first: ends[0] ?? today, last: ends[1] ?? today }, period: null };
}

/** What the page asks for. */
export const toBreakdownQuery = (params: UsageParams, today: string) => ({
  ...daysIn(params, today),
  groups: params.by === null || params.by === params.group ? [params.group] : [params.group, params.by],
  filters: {
    organization_id: params.organization ?? undefined,
    user_id: params.user ?? undefined,
    api_key_id: params.key ?? undefined,
    app_id: params.app ?? undefined,
    model: params.model ?? undefined,
    provider: params.provider ?? undefined,
    tag: params.tag ?? undefined,
  },
});

/** Where the table is downloaded as CSV. */
export function csvHref(params: UsageParams, today: string): string {
  const { group_by, ...query } = reportQuery(toBreakdownQuery(params, today));
  const search = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  for (const group of group_by) search.append("group_by", group);
  return `/api/admin/v1/usage?${search}`;
}
