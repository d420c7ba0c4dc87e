import type { Call, CallGrowth } from "#lib/dialects/call";
import type { Conversation } from "./walk-messages";
import { type Unfolded, unfoldedIn, type WrittenField } from "./written-growth";

/** What a smaller body grows by is known in less than half a millisecond. */
const LARGE_CHARACTERS = 65_536;

/** What a body grows by, or what computes it. */
export type Growth = CallGrowth | (() => CallGrowth);

/** A body as text, and where its fields are. */
export type GivenText = Pick<Call, "json" | "fields">;

/** How a dialect's bodies grow. */
export type Growing<Parsed> = {
  /** The parts of a body that a server may write into the prompt as JSON. */
  written: (given: GivenText, parsed: Parsed) => readonly WrittenField[];
  /** The results of its calls, at least. */
  results: (parsed: Parsed) => Conversation;
  grown: (given: GivenText, parsed: Parsed, unfolded: Unfolded, scalarBytes: number) => CallGrowth;
  /** Parses a body again that was parsed before. */
  again: (given: GivenText) => Parsed;
};

/**
 * What a body grows by, and what unfolds in it. For a large body the growth takes most of the time after parsing, and a
 * request that no budget covers is rejected without it: so it is computed when it is first asked for. By then, what was
 * parsed is mostly still in memory, and nothing keeps it there.
 */
export function growthOf<Parsed extends object>(
  given: GivenText,
  parsed: Parsed,
  scalarBytes: number,
  growing: Growing<Parsed>,
): { unfolded: Unfolded; growth: Growth } {
  const unfolded = unfoldedIn(growing.written(given, parsed), growing.results(parsed));
  const growth =
    given.json.length <= LARGE_CHARACTERS
      ? growing.grown(given, parsed, unfolded, scalarBytes)
      : grownLater(given, new WeakRef(parsed), unfolded, scalarBytes, growing);
  return { unfolded, growth };
}

function grownLater<Parsed extends object>(
  given: GivenText,
  kept: WeakRef<Parsed>,
  unfolded: Unfolded,
  scalarBytes: number,
  { again, grown }: Growing<Parsed>,
): () => CallGrowth {
  let known: CallGrowth | null = null;
  return () => {
    known ??= grown(given, kept.deref() ?? again(given), unfolded, scalarBytes);
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
