import { formatUsd, parseUsd } from "#lib/credit/money";
import type { Metadata } from "#lib/db/schema/columns";
import type { ledger } from "#lib/db/schema/credit";
import { metadataNameOf, type UsageGroup } from "../usage-question";
import type { UsageRow } from "../usage-report";

type Row = typeof ledger.$inferInsert;

/** Sets of metadata that rows of tests have, by their ids. */
export const METADATA: Readonly<Record<string, Metadata>> = {
  "11111111-0000-4000-8000-000000000001": { team: "search", env: "prod" },
  "11111111-0000-4000-8000-000000000002": { team: "search", env: "test" },
  "11111111-0000-4000-8000-000000000003": { team: 'ads: "new"' },
};
/** Groups by metadata, of which some rows have none. */
export const METADATA_GROUPS = ["metadata:team", "metadata:env"] as const;

type Sums = Pick<
  UsageRow,
  "requests" | "input_tokens" | "cached_tokens" | "output_tokens" | "cost_usd" | "errors"
>;
type Reference = Sums & { pico: bigint; latencies: number[]; firsts: number[] };

const NOTHING = { requests: 0, input_tokens: 0, cached_tokens: 0, output_tokens: 0, errors: 0, cost_usd: "" };

/** A report calculated from the ledger, row by row. */
export function reference(chosen: readonly Row[], groups: readonly UsageGroup[], timeZone: string) {
  const sums = new Map<string, Reference>();
  for (const row of chosen) {
    if (!["settled", "released", "swept"].includes(row.status)) continue;
    for (const keys of pathsOf(row, groups, timeZone)) {
      const key = JSON.stringify(keys);
      const sum = sums.get(key) ?? { ...NOTHING, pico: 0n, latencies: [], firsts: [] };
      sum.requests += 1;
      sum.input_tokens += row.inputTokens ?? 0;
      sum.cached_tokens += row.cachedTokens ?? 0;
      sum.output_tokens += row.outputTokens ?? 0;
      sum.errors += (row.httpStatus ?? 0) >= 400 ? 1 : 0;
      sum.pico += parseUsd(row.costUsd ?? "0");
      sum.cost_usd = formatUsd(sum.pico);
      if (typeof row.latencyMs === "number") sum.latencies.push(row.latencyMs);
      if (typeof row.ttftMs === "number") sum.firsts.push(row.ttftMs);
      sums.set(key, sum);
    }
  }
  return sums;
}

const pathsOf = (row: Row, [first, second]: readonly UsageGroup[], timeZone: string): (string | null)[][] =>
  keysOf(row, first ?? "day", timeZone).flatMap((key) =>
    second === undefined ? [[key]] : keysOf(row, second, timeZone).map((inner) => [key, inner]),
  );

function keysOf(row: Row, group: UsageGroup, timeZone: string): (string | null)[] {
  const name = metadataNameOf(group);
  if (name !== null) return [METADATA[row.metadataId ?? ""]?.[name] ?? null];
  const tags = [...new Set(row.tags ?? [])];
  const keys: Partial<Record<UsageGroup, (string | null)[]>> = {
    hour: [hourIn(row.createdAt, timeZone)],
    day: [new Intl.DateTimeFormat("sv-SE", { timeZone }).format(row.createdAt)],
    organization: [row.organizationId],
    user: [row.userId ?? null],
    api_key: [row.apiKeyId ?? null],
    app: [row.appId ?? null],
    model: [row.model],
    provider: [row.provider ?? null],
    upstream_model: [row.upstreamModel ?? null],
    endpoint: [row.endpoint],
    tag: tags.length > 0 ? tags : [null],
  };
  return keys[group] ?? [];
}

/** The moment at which the zone's hour began. */
function hourIn(at: Date, timeZone: string): string {
  const minutes = Number(new Intl.DateTimeFormat("en", { timeZone, minute: "numeric" }).format(at));
  return new Date(Math.floor(at.getTime() / 60_000 - minutes) * 60_000).toISOString();
}

/** What a report says exactly. */
export const sumsOf = ({
  requests,
  input_tokens,
  cached_tokens,
  output_tokens,
  cost_usd,
  errors,
}: Sums): Sums => ({
  requests,
  input_tokens,
  cached_tokens,
  output_tokens,
  cost_usd,
  errors,
});

type Line = Sums & { group: string | null };

/** What a page has of a reference: the first groups, and the first groups within each. */
export function topOf(
  expected: ReadonlyMap<string, Sums>,
  groups: readonly UsageGroup[],
  { most, lines, fewestWithin }: { most: number; lines: number; fewestWithin: number },
) {
  const outers = new Map<string | null, Line[]>();
  for (const [key, sums] of expected) {
    const [outer = null, inner = null]: (string | null)[] = JSON.parse(key);
    outers.set(outer, [...(outers.get(outer) ?? []), { group: inner, ...sumsOf(sums) }]);
  }
  const all = [...outers].map(([group, within]) => ({ group, within, ...addUp(within) }));
  const first = inOrder(all, groups[0]).slice(0, most);
  const mostWithin = Math.max(fewestWithin, Math.floor(lines / first.length)) + 1;
  return {
    all: { groups: all.length, ...addUp(all) },
    data: first.map(({ within, ...line }) => ({
      ...line,
      groups: groups.length > 1 ? within.length : 0,
      within: groups.length > 1 ? inOrder(within, groups[1]).slice(0, mostWithin) : [],
    })),
  };
}

const inOrder = <L extends Line>(lines: readonly L[], group: UsageGroup | undefined): L[] =>
  lines.toSorted((a, b) => {
    // Of equal cost, what has no key comes last.
    const [keyA, keyB] = [a.group ?? "\uffff", b.group ?? "\uffff"];
    const byKey = keyA < keyB ? -1 : 1;
    if (group === "hour" || group === "day") return -byKey;
    const cost = parseUsd(b.cost_usd) - parseUsd(a.cost_usd);
    return cost === 0n ? byKey : cost > 0n ? 1 : -1;
  });

const addUp = (lines: readonly Sums[]): Sums => {
  const sum = (figure: Exclude<keyof Sums, "cost_usd">) =>
    lines.reduce((total, line) => total + line[figure], 0);
  return {
    requests: sum("requests"),
    input_tokens: sum("input_tokens"),
    cached_tokens: sum("cached_tokens"),
    output_tokens: sum("output_tokens"),
    errors: sum("errors"),
    cost_usd: formatUsd(lines.reduce((total, line) => total + parseUsd(line.cost_usd), 0n)),
  };
};

/** With and without summer time, on the hour and off it, and at either end of the day. */
export const ZONES = [
  "UTC",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "America/St_Johns",
  "Pacific/Auckland",
  "Pacific/Honolulu",
  "Pacific/Chatham",
  "Europe/Berlin",
] as const;
