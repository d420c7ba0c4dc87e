import type { Progress } from "#lib/credit/ledger/instance";

/** A request that is held and not settled yet, as the process sees it from outside. */
export type OpenRequest = {
  /** On the clock of `performance.now()`. */
  receivedAtMs: number;
  /** What a sweep should charge if this process died now. */
  progress: () => Omit<Progress, "id">;
  isClientGone: () => boolean;
  /** Stops reading an answer whose client is gone. */
  stopReading: () => void;
};

/** The open requests of this process, by id. Only lib/gateway/pipeline/flight.ts adds and removes them. */
export type InFlight = Map<string, OpenRequest>;

/** The progress of each request that is old enough for it to matter in a sweep. */
export function progressOf(inFlight: InFlight, olderThanMs: number): Progress[] {
  const now = performance.now();
  const due: Progress[] = [];
  for (const [id, { receivedAtMs, progress }] of inFlight) {
    if (now - receivedAtMs < olderThanMs) continue;
    const { ifSweptPicoUsd, ifSweptOutputTokens } = progress();
    due.push({ id, ifSweptPicoUsd, ifSweptOutputTokens });
  }
  return due;
}

/** How many of them have no client any more: a drain waits for these too. */
export function countWithoutClient(inFlight: InFlight): number {
  let count = 0;
  for (const { isClientGone } of inFlight.values()) if (isClientGone()) count += 1;
  return count;
}
