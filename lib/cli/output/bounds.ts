import type { MemberKeys } from "#lib/services/organizations/member-keys";
import { counted } from "./format";

/** Models as text: "all", "none" or their names. */
export const modelsText = (models: readonly string[] | null | undefined): string =>
  models ? models.join(", ") || "none" : "all";

/** Addresses as text: "anywhere", "nowhere" or the ranges. */
export const addressesText = (ranges: readonly string[] | null | undefined): string =>
  ranges ? ranges.join(", ") || "nowhere" : "anywhere";

/** The bounds of people's keys: "at most 5 each, for 30 days, from 10.0.0.0/8"; null without any. */
export function memberKeysText(bounds: MemberKeys | null | undefined): string | null {
  if (!bounds) return null;
  if (bounds.max === 0) return "none";
  const parts = [
    `at most ${bounds.max} each`,
    ...(bounds.max_days == null ? [] : [`for ${counted(bounds.max_days, "day")}`]),
    ...(bounds.allowed_ips == null ? [] : [`from ${addressesText(bounds.allowed_ips)}`]),
  ];
  return parts.join(", ");
}
