import type { KeyBounds } from "#lib/services/keys/key-bounds";

/** "All", "None" or the names. */
export const modelWords = (models: readonly string[] | null): string => list(models, "All", "None");

/** "Anywhere", "Nowhere" or the ranges. */
export const addressWords = (ranges: readonly string[] | null | undefined): string =>
  list(ranges ?? null, "Anywhere", "Nowhere");

const list = (values: readonly string[] | null, all: string, none: string): string =>
  values === null ? all : values.join(", ") || none;

/** A bound and who sets it. */
export type SourcedBound = { from: "organization" | "user" | "key" | "app"; words: string };

/** What a key or an app has of its own, besides the bounds of its owners. */
export type OwnBounds = {
  from: "key" | "app";
  models: readonly string[] | null;
  /** Absent for an app, which may send from anywhere. */
  addresses?: readonly string[] | null;
};

/** The lists that a model must be in, all of them. Empty: every model is allowed. */
export function modelBounds(bounds: KeyBounds, own: OwnBounds | null): SourcedBound[] {
  return sourced(modelWords, [
    ["organization", bounds.organizationModels],
    ["user", bounds.userModels],
    [own?.from ?? "key", own?.models ?? null],
  ]);
}

/** The lists that an address must be in, all of them. Empty: every address is allowed. */
export function addressBounds({ memberKeys }: KeyBounds, own: OwnBounds | null): SourcedBound[] {
  return sourced(addressWords, [
    ["organization", memberKeys?.allowed_ips ?? null],
    [own?.from ?? "key", own?.addresses ?? null],
  ]);
}

type Listed = [from: SourcedBound["from"], values: readonly string[] | null];

const sourced = (words: (values: readonly string[]) => string, lists: readonly Listed[]): SourcedBound[] =>
  lists.flatMap(([from, values]) => (values === null ? [] : [{ from, words: words(values) }]));

/** "At most 2", "None". */
export const maxWords = (max: number): string => (max === 0 ? "None" : `At most ${max}`);
