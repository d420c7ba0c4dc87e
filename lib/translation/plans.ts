import type { Call } from "#lib/dialects/call";
import type { Demand, Encoded, Turn } from "./turn";

/** What a route would send. */
export type Plan = {
  dropped: readonly string[];
  refused: readonly Demand[];
  /** The most bytes that are sent beyond the client's own. */
  ownBytes: number;
};

/** A plan, and the request that it was made by, until that is sent. */
export type Planned = { readonly plan: Plan; encoded: Encoded | null };

/** What translations have made of a call, each thing once. */
export type MadeOfCall = {
  /** Whose it is: a copy of a call is another. */
  readonly call: Call;
  /** Decoded for the plans of all routes, and the first of them. */
  turn: Turn | null;
  /** By routes, of which most models have few. */
  readonly plans: { readonly route: object; readonly planned: Planned }[];
};

const MADE = Symbol("made of the call");

/**
 * What was made of a call so far. It is kept on the call itself: a weak map with an entry for each request keeps the garbage
 * collector busy.
 */
export function madeOfCall(call: Call & { [MADE]?: MadeOfCall }): MadeOfCall {
  const known = call[MADE];
  if (known?.call === call) return known;
  const made: MadeOfCall = { call, turn: null, plans: [] };
  call[MADE] = made;
  return made;
}

/** The plan for a route; undefined if there has been none. */
export function plannedFor({ plans }: MadeOfCall, route: object): Planned | undefined {
  for (const known of plans) if (known.route === route) return known.planned;
  return undefined;
}
