import {
  addressBounds,
  addressWords,
  maxWords,
  modelBounds,
  modelWords,
  type OwnBounds,
  type SourcedBound,
} from "#components/format/bound-words";
import { plural } from "#components/format/limit-words";
import type { Fact } from "#components/ui/facts";
import type { KeyBounds } from "#lib/services/keys/key-bounds";
import type { Organization } from "#lib/services/organizations/organization";

/** The models that a key or an app may use, or the keys of a user, and who bounds them. */
export const modelsFact = (bounds: KeyBounds, own: OwnBounds | null): Fact =>
  sourcedFact("Models", modelBounds(bounds, own), "All");

/** Where a key, or the keys of a user, may send requests from, and who bounds that. */
export const addressesFact = (bounds: KeyBounds, own: OwnBounds | null): Fact =>
  sourcedFact("Addresses", addressBounds(bounds, own), "Anywhere");

/** What bounds the keys of a user, apart from limits. */
export function userBoundFacts(bounds: KeyBounds): Fact[] {
  const { memberKeys } = bounds;
  return [
    modelsFact(bounds, null),
    addressesFact(bounds, null),
    sourcedFact("Active keys", memberKeys ? [organizations(maxWords(memberKeys.max))] : [], "Any number"),
    expiryFact(bounds),
  ];
}

/** How long keys of a person last at most, from their creation, change or rotation. */
export const expiryFact = ({ memberKeys }: KeyBounds): Fact =>
  sourcedFact(
    "Longest lifetime",
    memberKeys?.max_days === undefined ? [] : [organizations(plural(memberKeys.max_days, "day"))],
    "No limit",
  );

/** What an organization allows its keys and apps, and those of people. */
export function organizationBoundFacts({ allowed_models: models, member_keys: keys }: Organization): Fact[] {
  return [
    { label: "Models", value: modelWords(models) },
    { label: "Keys per person", value: keys ? maxWords(keys.max) : "Any number" },
    ...(keys?.allowed_ips == null
      ? []
      : [{ label: "Addresses of people’s keys", value: addressWords(keys.allowed_ips) }]),
    ...(keys?.max_days == null
      ? []
      : [{ label: "Lifetime of people’s keys", value: `At most ${plural(keys.max_days, "day")}` }]),
  ];
}

const organizations = (words: string): SourcedBound => ({ from: "organization", words });

function sourcedFact(label: string, bounds: readonly SourcedBound[], without: string): Fact {
  if (bounds.length === 0) return { label, value: without };
  return {
    label,
    value: bounds.map(({ from, words }) => (
      <span key={from} className="block">
        {words} <span className="text-ink-3 text-xs">({from})</span>
      </span>
    )),
  };
}
