import type { RefusedField } from "#lib/dialects/dialect";
import type { Route } from "./routing";

/** What a target has refused, so that it is sent otherwise. */
export type Adaptation = {
  streamUsage: boolean;
  /** The other name for the output bound; null: the wire's, or the client's. */
  outputLimitField: string | null;
};

/**
 * Remembers what targets refuse, for a while: a request is then not refused first. For each organization alone,
 * since a refusal may be about something else in a body: no tenant decides how another's requests are sent.
 */
export type RefusedFields = {
  adaptationFor: (organizationId: string, route: Route) => Adaptation;
  remember: (organizationId: string, route: Route, adaptation: Adaptation) => void;
};

/** A provider may change, or be changed. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;

export const AS_DECLARED: Adaptation = { streamUsage: true, outputLimitField: null };

/** Creates the memory of a process. */
export function refusedFields(nowMs: () => number = () => performance.now()): RefusedFields {
  const known = new Map<string, { adaptation: Adaptation; untilMs: number }>();
  return {
    adaptationFor: (organizationId, route) => {
      const found = known.size === 0 ? undefined : known.get(keyOf(organizationId, route));
      return found !== undefined && found.untilMs > nowMs() ? found.adaptation : AS_DECLARED;
    },
    remember: (organizationId, route, adaptation) => {
      const key = keyOf(organizationId, route);
      // The oldest is first in a map.
      known.delete(key);
      const [oldest] = known.keys();
      if (oldest !== undefined && known.size >= MOST_REMEMBERED) known.delete(oldest);
      known.set(key, { adaptation, untilMs: nowMs() + REMEMBERED_MS });
    },
  };
}

/**
 * How to send a request to a target that has refused a field.
 * @returns null if it refuses what was sent instead: there is nothing else to try
 */
export function adapted(before: Adaptation, refused: RefusedField): Adaptation | null {
  if (refused.kind === "stream_usage") return { ...before, streamUsage: false };
  return before.outputLimitField === null ? { ...before, outputLimitField: refused.otherName } : null;
}

const keyOf = (organizationId: string, { target, wire }: Route) =>
  `${organizationId} ${target.providerId} ${wire.dialect} ${target.upstreamModel}`;
