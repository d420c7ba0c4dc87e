import { metadataNameOf, type UsageGroup } from "#lib/services/usage/usage-question";
import { count } from "./count";
import { utcDate, utcHour } from "./time";
import { totalUsd } from "./usd";

type Words = { one: string; many: string };
type PlainGroup = Exclude<UsageGroup, `metadata:${string}`>;

const GROUP_WORDS: Record<PlainGroup, Words> = {
  hour: { one: "hour", many: "hours" },
  day: { one: "day", many: "days" },
  model: { one: "model", many: "models" },
  user: { one: "user", many: "users" },
  api_key: { one: "API key", many: "API keys" },
  organization: { one: "organization", many: "organizations" },
  app: { one: "app", many: "apps" },
  tag: { one: "tag", many: "tags" },
  provider: { one: "provider", many: "providers" },
  upstream_model: { one: "upstream model", many: "upstream models" },
  endpoint: { one: "endpoint", many: "endpoints" },
};

const isPlain = (group: UsageGroup): group is PlainGroup => metadataNameOf(group) === null;

/** What a report is grouped by: "user", "users"; the name of metadata as it is. */
export function groupWords(group: UsageGroup): Words {
  if (isPlain(group)) return GROUP_WORDS[group];
  const name = metadataNameOf(group) ?? "";
  return { one: name, many: `values of ${name}` };
}

/** The same as a heading or an option: "Upstream model". */
export const groupTitle = (group: UsageGroup): string => {
  const { one } = groupWords(group);
  return isPlain(group) ? one.charAt(0).toUpperCase() + one.slice(1) : one;
};

const NAMED: ReadonlySet<UsageGroup> = new Set(["organization", "user", "api_key", "app"]);

/** A group of a report: its name, its time, or that it has none. */
export function groupText(group: UsageGroup, value: string | null, name: string | null): string {
  if (value === null) return `No ${groupWords(group).one}`;
  if (NAMED.has(group)) return name ?? `Deleted ${groupWords(group).one}`;
  if (group === "day") return utcDate(value, 0);
  if (group === "hour") return `${utcDate(value, 0)}, ${utcHour(value)}`;
  return value === "" ? "(empty)" : value;
}

/** The parts of the sentence that compares a period with the one before; `beforeWords` like "in the 7 days before". */
type Comparison = { spentUsd: string; beforeUsd: string; isPart: boolean; beforeWords: string };

/** "12% more than in the 30 days before, up to the same time ($1,102.29)"; the sentence begins with what was spent. */
export function comparisonWords({ spentUsd, beforeUsd, isPart, beforeWords }: Comparison): string {
  const [now, before] = [Number(spentUsd), Number(beforeUsd)];
  if (before === 0) return now === 0 ? `as ${beforeWords}` : `after nothing ${beforeWords}`;
  const when = isPart ? `${beforeWords}, up to the same time` : beforeWords;
  return `${differenceWords(now / before)} ${when} (${totalUsd(beforeUsd)})`;
}

function differenceWords(ratio: number): string {
  if (Math.abs(ratio - 1) < 0.0005) return "the same as";
  if (ratio >= 10) return `${count(Math.round(ratio))} times as much as`;
  const difference = Math.abs(ratio - 1) * 100;
  const percent = difference.toFixed(difference < 9.95 ? 1 : 0).replace(/\.0$/, "");
  return `${percent}% ${ratio > 1 ? "more" : "less"} than`;
}
