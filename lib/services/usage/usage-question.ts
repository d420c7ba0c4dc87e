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
/** Or by the metadata of a name: `metadata:team`. */
export type UsageGroup = (typeof USAGE_GROUPS)[number] | `metadata:${string}`;

/** Whether a text names a group. */
export const isUsageGroup = (text: string): text is UsageGroup =>
  text.startsWith("metadata:") || USAGE_GROUPS.some((group) => group === text);

/** The name of the metadata that a group tells apart; null for another group. */
export const metadataNameOf = (group: UsageGroup): string | null =>
  group.startsWith("metadata:") ? group.slice("metadata:".length) : null;

/** Whether groups follow each other in time. */
export const isTime = (group: UsageGroup): boolean => group === "hour" || group === "day";

/** Groups that have a name as well as an id. */
const NAMED_GROUPS: ReadonlySet<UsageGroup> = new Set(["organization", "user", "api_key", "app"]);

/** Groups that only one caller's usage tells apart, and those that usage of an earlier version does not have. */
const CALLER_GROUPS: ReadonlySet<UsageGroup> = new Set(["user", "api_key", "app", "tag"]);
export const isOfCallers = (group: UsageGroup) => CALLER_GROUPS.has(group) || metadataNameOf(group) !== null;
/** Groups that sets of tags tell apart. */
const TAG_GROUPS: ReadonlySet<UsageGroup> = new Set(["hour", "day", "tag"]);
const NEW_GROUPS: ReadonlySet<UsageGroup> = new Set(["upstream_model", "endpoint", "tag"]);

/** The filters of a report. */
export type UsageFilters = OwnerFilters & {
  model?: string | undefined;
  provider?: string | undefined;
  tag?: string | undefined;
};

/** Groups of which there may be thousands, each with a part of the usage. */
export type CallerGroup = "user" | "api_key";
export const isCaller = (group: UsageGroup): group is CallerGroup => group === "user" || group === "api_key";

/** The filters of a report, and some of the groups of a kind. */
export type NarrowedFilters = UsageFilters & {
  among?: { group: CallerGroup; keys: readonly (string | null)[] };
};

/** The filters of a report, its grouping in one or two levels, and the time zone of its hours and days. */
export type UsageQuestion = NarrowedFilters & { groups: readonly UsageGroup[]; timeZone: string };

/** Groups that usage of all models together does not tell apart. */
const MODEL_GROUPS: ReadonlySet<UsageGroup> = new Set(["model", "provider", "upstream_model", "endpoint"]);

/** Which groups of the rollups to read: those of a cut, by model or of all models together, of the installation also by tags. */
export type UsageGrain = { cut: UsageCut; ofAllModels: boolean; byTags?: true };

/** The coarsest groups of the rollups that answer a question of an actor. */
export function grainFor(
  { role }: Pick<Actor, "role">,
  filters: UsageFilters,
  groups: readonly UsageGroup[],
): UsageGrain {
  const { user_id, api_key_id, app_id, tag } = filters;
  const ofAllModels =
    filters.model === undefined &&
    filters.provider === undefined &&
    !groups.some((group) => MODEL_GROUPS.has(group));
  const owners = [filters.organization_id, user_id, api_key_id, app_id];
  const isOfTag = tag !== undefined && owners.every((owner) => owner === undefined);
  if (role === "admin" && ofAllModels && isOfTag && groups.every((group) => TAG_GROUPS.has(group))) {
    return { cut: "installation", ofAllModels, byTags: true };
  }
  const ofCallers = [user_id, api_key_id, app_id, tag].some((filter) => filter !== undefined);
  if (role === "member" || ofCallers || groups.some(isOfCallers)) {
    return { cut: ofAllModels ? "owner" : "caller", ofAllModels };
  }
  const ofAll = role === "admin" && filters.organization_id === undefined && !groups.includes("organization");
  return { cut: ofAll ? "installation" : "organization", ofAllModels };
}

/** Whether the answer needs what earlier versions did not count. */
export const needsDetail = ({ groups, tag }: UsageQuestion): boolean =>
  tag !== undefined || groups.some((group) => NEW_GROUPS.has(group));

/** Whether a question is about few groups of the rollups: of one caller, or of all models of one organization or of all. */
export function isOfFewGroups(
  { role }: Pick<Actor, "role">,
  filters: UsageFilters,
  grain: UsageGrain,
): boolean {
  if ([filters.user_id, filters.api_key_id, filters.app_id].some((id) => id !== undefined)) return true;
  if (role === "member") return true;
  const { cut, ofAllModels, byTags } = grain;
  if (!ofAllModels || cut === "owner" || byTags) return false;
  return cut === "installation" || role !== "admin" || filters.organization_id !== undefined;
}

/** Whether a level's groups have names. */
export const isNamed = (group: UsageGroup | undefined): boolean =>
  group !== undefined && NAMED_GROUPS.has(group);
