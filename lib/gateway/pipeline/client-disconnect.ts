import type { Route } from "#lib/gateway/routing/routing";
import { type Cancellation, newCancellation } from "#lib/providers/cancellation";
import type { Admission } from "./admission";

/** How long a provider's answer is still read after its client is gone. */
export const READ_ON_MS = 60_000;

/** What a client's disconnect does to its request. */
export type ClientDisconnect = {
  /** Cancelled when the client is gone. */
  gone: Cancellation;
  /** Cancelled when no more of a route's answer is wanted: then, or some time later. */
  stopFor: (route: Route) => Cancellation;
  /** Whether a route's answer is still read after that, for its exact usage. */
  readsOn: (route: Route) => boolean;
  isGone: () => boolean;
  /** Says that the client is gone: a mount may know it first. */
  markGone: () => void;
  /** Stops reading on. */
  stopNow: () => void;
  /** The request has ended. */
  end: () => void;
};

const NOTHING = () => {};

/** @param readOnMs how long to read on, where that is done */
export function clientDisconnect(
  gone: Cancellation,
  { routes, readsOn, awaitsInput }: Pick<Admission, "routes" | "readsOn" | "awaitsInput">,
  readOnMs: number,
): ClientDisconnect {
  if (!awaitsInput && !routes.some(readsOn)) {
    return {
      gone,
      stopFor: () => gone,
      readsOn: () => false,
      isGone: gone.isCancelled,
      markGone: NOTHING,
      stopNow: NOTHING,
      end: NOTHING,
    };
  }
  const stop = newCancellation();
  let deadline: NodeJS.Timeout | undefined;
  let ended = false;
  const markGone = () => {
    if (!ended) deadline ??= setTimeout(stop.cancel, readOnMs).unref();
  };
  const unwatch = gone.onCancel(markGone);
  return {
    gone,
    stopFor: (route) => (awaitsInput || readsOn(route) ? stop : gone),
    readsOn,
    isGone: () => gone.isCancelled() || deadline !== undefined,
    markGone,
    stopNow: stop.cancel,
    end: () => {
      ended = true;
      clearTimeout(deadline);
      unwatch();
    },
  };
}
