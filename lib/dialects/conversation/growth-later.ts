import type { Call, CallGrowth } from "#lib/dialects/call";

/** What a smaller body grows by is known in less than half a millisecond. */
const LARGE_CHARACTERS = 65_536;

/** What a body grows by, or what computes it. */
export type Growth = CallGrowth | (() => CallGrowth);

/**
 * What a body grows by. For a large body that takes most of the time after parsing, and a request that no budget covers
 * is rejected without it: so it is computed when it is first asked for. By then, what was parsed is mostly still in
 * memory, and nothing keeps it there: neither may the functions.
 * @param again parses it again
 */
export function growthLater<Parsed extends object>(
  json: string,
  parsed: Parsed,
  again: () => Parsed,
  grown: (parsed: Parsed) => CallGrowth,
): Growth {
  return json.length <= LARGE_CHARACTERS ? grown(parsed) : grownOnce(new WeakRef(parsed), again, grown);
}

function grownOnce<Parsed extends object>(
  kept: WeakRef<Parsed>,
  again: () => Parsed,
  grown: (parsed: Parsed) => CallGrowth,
): () => CallGrowth {
  let known: CallGrowth | null = null;
  return () => {
    known ??= grown(kept.deref() ?? again());
    return known;
  };
}

/** The growth that a call is made with. */
export const growthNow = (growth: Growth, nothing: CallGrowth): CallGrowth =>
  typeof growth === "function" ? nothing : growth;

/** The call, with a growth that is read when it is asked for if it is not known yet. */
export const withGrowth = (call: Call, growth: Growth): Call =>
  typeof growth === "function"
    ? Object.defineProperty(call, "growth", { get: growth, enumerable: true, configurable: true })
    : call;
