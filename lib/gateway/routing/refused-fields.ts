import { LRUCache } from "lru-cache";
import type { RefusedField } from "#lib/dialects/dialect";
import type { Route } from "./routing";

/** What a target has refused, so that it is sent otherwise. */
export type Adaptation = {
  streamUsage: boolean;
  encryptedReasoning: boolean;
  /** The other name for the output bound; null: the wire's, or the client's. */
  outputLimitField: string | null;
};

/**
 * Remembers what targets refuse, for a while: a request is then not refused first. For each organization alone,
 * since a refusal may be about something else in a body: no tenant decides how another's requests are sent.
 */
export type RefusedFields = {
  adaptationFor: (organizationId: string, route: Route) => Adaptation;
  /** @param learnt what an answer has confirmed; what was known besides stays so */
  remember: (organizationId: string, route: Route, learnt: Adaptation) => void;
};

/** A provider may change, or be changed. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;

export const AS_DECLARED: Adaptation = {
  streamUsage: true,
  encryptedReasoning: true,
  outputLimitField: null,
};

/** Creates the memory of a process. */
export function refusedFields(nowMs: () => number = () => performance.now()): RefusedFields {
  const known = new LRUCache<string, { adaptation: Adaptation; untilMs: number }>({ max: MOST_REMEMBERED });
  const adaptationFor = (organizationId: string, route: Route) => {
    const found = known.size === 0 ? undefined : known.get(keyOf(organizationId, route));
    return found !== undefined && found.untilMs > nowMs() ? found.adaptation : AS_DECLARED;
  };
  return {
    adaptationFor,
    remember: (organizationId, route, learnt) => {
      const before = adaptationFor(organizationId, route);
      const adaptation = {
        streamUsage: before.streamUsage && learnt.streamUsage,
        encryptedReasoning: before.encryptedReasoning && learnt.encryptedReasoning,
        outputLimitField: learnt.outputLimitField ?? before.outputLimitField,
      };
      known.set(keyOf(organizationId, route), { adaptation, untilMs: nowMs() + REMEMBERED_MS });
    },
  };
}

/**
 * How to send a request to a target that has refused a field.
 * @returns null if it refuses what was sent instead: there is nothing else to try
 */
export function adapted(before: Adaptation, refused: RefusedField): Adaptation | null {
  if (refused.kind === "stream_usage") return { ...before, streamUsage: false };
  if (refused.kind === "encrypted_reasoning") return { ...before, encryptedReasoning: false };
  return before.outputLimitField === null ? { ...before, outputLimitField: refused.otherName } : null;
}

/** A refusal that was told by words alone is believed for its own request: no usage of others depends on it. */
export const learntFrom = (
  refusals: readonly RefusedField[],
  { outputLimitField }: Adaptation,
): Adaptation => ({
  streamUsage: !refusals.some((refused) => refused.kind === "stream_usage" && refused.by === "field"),
  encryptedReasoning: !refusals.some(({ kind }) => kind === "encrypted_reasoning"),
  outputLimitField: refusals.some(({ kind }) => kind === "output_limit") ? outputLimitField : null,
});

const keyOf = (organizationId: string, { target, dialect }: Route) =>
  `${organizationId} ${target.providerId} ${dialect} ${target.upstreamModel}`;
