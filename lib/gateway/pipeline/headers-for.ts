import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { ClientHeaders } from "#lib/dialects/headers/client-headers";
import { paramOfPath, pathOf } from "#lib/dialects/text/cut-path";
import type { Route } from "#lib/gateway/routing/routing";
import { namesOf, type PassedHeaders, passNothing } from "#lib/providers/passed-headers";
import { scopeOf } from "#lib/translation/envelope";
import { droppedWithEnvelopes, hasEnvelopes } from "#lib/translation/passed-envelopes";
import { originalPath, removedPlaces } from "./dropped-paths";
import { namedPaths } from "./named-paths";

/** What of a client's headers goes on by a route, and what does not. */
export function headersFor(
  clientHeaders: ClientHeaders,
  { wire, rates, translation }: Pick<Route, "wire" | "rates" | "translation">,
): PassedHeaders {
  if (translation !== null && clientHeaders.size > 0) {
    // They are about another dialect.
    const { headers } = (wire.passHeaders ?? passNothing)(NO_HEADERS, { hasTiers: false });
    return { headers, dropped: namesOf(clientHeaders) };
  }
  return (wire.passHeaders ?? passNothing)(clientHeaders, { hasTiers: rates.tiers.length > 0 });
}

const NO_HEADERS: ClientHeaders = new Map();

/** What decides that. */
export type DroppingRoute = Pick<Route, "wire" | "rates" | "translation" | "dialect"> & {
  target: Pick<Route["target"], "providerId" | "credentialId">;
};

/** What of a request decides it. */
type Dropping = {
  call: Call;
  clientHeaders: ClientHeaders;
  dialect: Pick<Dialect, "leftOutFor">;
  outputLimit: { tokens: number } | null;
};

const NONE: readonly string[] = [];

/** What a request leaves out by a route: of its body, and of its headers. */
export function droppedFrom(
  { call, clientHeaders, dialect, outputLimit }: Dropping,
  route: DroppingRoute,
): readonly string[] {
  const { dropped } = headersFor(clientHeaders, route);
  const hasNoRoom = route.translation === null && outputLimit !== null;
  const withoutRoom = hasNoRoom ? (dialect.leftOutFor?.(call, outputLimit.tokens) ?? NONE) : NONE;
  const ofWire = joined(withoutRoom, droppedByWire(call, route));
  if (call.dropped.length === 0 && ofWire.length === 0 && dropped.length === 0) return NONE;
  function* all() {
    yield* call.dropped;
    yield* asAsked(call, ofWire);
    yield* dropped;
  }
  return namedPaths(all(), call.dropped.length + ofWire.length + dropped.length);
}

const joined = (first: readonly string[], second: readonly string[]): readonly string[] =>
  second.length === 0 ? first : [...first, ...second];

/** A route to a model that drops what is not supported leaves out demands, too. */
function droppedByWire(call: Call, { translation, dialect, target }: DroppingRoute): readonly string[] {
  if (translation === null) {
    if (!hasEnvelopes(call)) return NONE;
    return droppedWithEnvelopes(call, dialect, scopeOf(target.providerId, target.credentialId));
  }
  const { dropped, refused } = translation.plan(call);
  return joined(
    dropped,
    refused.map(({ at }) => at),
  );
}

/** Paths in what is left of a body, as the client's own has them. */
function* asAsked(call: Call, dropped: readonly string[]): Iterable<string> {
  if (call.dropped.length === 0 || dropped.length === 0) {
    yield* dropped;
    return;
  }
  const removed = removedPlaces(call.dropped);
  for (const param of dropped) yield paramOfPath(originalPath(pathOf(param), removed));
}
