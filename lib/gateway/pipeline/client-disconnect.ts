import type { HangUp } from "#lib/auth/caller";
import { type Cancellation, newCancellation } from "#lib/providers/cancellation";

/** How long a provider's answer is still read after its client is gone. */
export const READ_ON_MS = 60_000;

/** What a client's disconnect does to its request. */
export type ClientDisconnect = {
  /** Cancelled when the client is gone. */
  gone: Cancellation;
  /** Cancelled when no more of the provider's answer is wanted: then, or some time later. */
  stop: Cancellation;
  /** Whether the answer is still read after that, for its exact usage. */
  readsOn: boolean;
  isGone: () => boolean;
  /** Says that the client is gone: a mount may know it first. */
  markGone: () => void;
  /** Cancels `stop`. */
  stopNow: () => void;
  /** The request has ended. */
  end: () => void;
};

const NOTHING = () => {};

/** @param readOnMs how long to read on, if the organization wants answers read to their end */
export function clientDisconnect(gone: Cancellation, onHangUp: HangUp, readOnMs: number): ClientDisconnect {
  if (onHangUp === "abort") {
    return {
      gone,
      stop: gone,
      readsOn: false,
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
    stop,
    readsOn: true,
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
