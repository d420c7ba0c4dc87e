import type { Actor } from "#lib/auth/actor";
import type { UsageCut } from "#lib/db/schema/usage";
import type { OwnerFilters } from "#lib/services/owners";

export const USAGE_GROUPS = [
  "hour",
  "day",
  "organization",
  "user",
  "api_key",
  "app",
  "model",
  "provider",
  "upstream_model",
  "endpoint",
  "tag",
] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** Groups that have a name as well as an id. */
export const NAMED_GROUPS: ReadonlySet<UsageGroup> = new Set(["organization", "user", "api_key", "app"]);

/** Groups that only one caller's usage tells apart, and those that usage of an earlier version does not have. */
const CALLER_GROUPS: ReadonlySet<UsageGroup> = new Set(["user", "api_key", "app", "tag"]);
const NEW_GROUPS: ReadonlySet<UsageGroup> = new Set(["upstream_model", "endpoint", "tag"]);

/** The filters of a report. */
export type UsageFilters = OwnerFilters & {
  model?: string | undefined;
  provider?: string | undefined;
  tag?: string | undefined;
};

/** The filters of a report, its grouping in one or two levels, and the time zone of its hours and days. */
export type UsageQuestion = UsageFilters & { groups: readonly UsageGroup[]; timeZone: string };

/** Groups by which owners' days are not told apart. */
const MODEL_GROUPS: ReadonlySet<UsageGroup> = new Set(["model", "provider", "upstream_model", "endpoint"]);

/** The coarsest cut of the rollups that answers a question of an actor. */
export function cutFor(
  { role }: Pick<Actor, "role">,
  filters: UsageFilters,
  groups: readonly UsageGroup[],
): UsageCut {
  const { user_id, api_key_id, app_id, tag } = filters;
  const ofCallers = [user_id, api_key_id, app_id, tag].some((filter) => filter !== undefined);
  if (role === "member" || ofCallers || groups.some((group) => CALLER_GROUPS.has(group))) {
    const ofModels = filters.model !== undefined || filters.provider !== undefined;
    return ofModels || groups.some((group) => MODEL_GROUPS.has(group)) ? "caller" : "owner";
  }
  const ofAll = role === "admin" && filters.organization_id === undefined && !groups.includes("organization");
  return ofAll ? "installation" : "organization";
}

/** Whether the answer needs what earlier versions did not count. */
export const needsDetail = ({ groups, tag }: UsageQuestion): boolean =>
  tag !== undefined || groups.some((group) => NEW_GROUPS.has(group));

/** Whether a question is about one owner of requests below an organization, whose usage is found by an index. */
export const isOfOneCaller = ({ role }: Pick<Actor, "role">, filters: UsageFilters): boolean =>
  role === "member" || [filters.user_id, filters.api_key_id, filters.app_id].some((id) => id !== undefined);
