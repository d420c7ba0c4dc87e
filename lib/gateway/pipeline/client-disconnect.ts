import type { HangUp } from "#lib/auth/caller";
import { type Cancellation, newCancellation } from "#lib/providers/cancellation";

/** How long a provider's answer is read on after its client has gone. */
export const READ_ON_MS = 60_000;

/** What a client's leaving does to its request. */
export type Departure = {
  /** Cancelled when the client is gone. */
  gone: Cancellation;
  /** Cancelled when nothing more of the provider's answer is wanted: then, or a while after. */
  enough: Cancellation;
  /** Whether the answer is read on meanwhile, for its exact usage. */
  readsOn: boolean;
  /** True once the client is gone. */
  hasLeft: () => boolean;
  /** Says that it is gone: a mount may know without being told. */
  leave: () => void;
  /** Nothing more is wanted from now on. */
  hurry: () => void;
  /** The request has ended. */
  forget: () => void;
};

const NOTHING = () => {};

/** @param readOnMs for how long, where the organization wants answers read to their end */
export function departureOf(gone: Cancellation, onHangUp: HangUp, readOnMs: number): Departure {
  if (onHangUp === "abort") {
    return {
      gone,
      enough: gone,
      readsOn: false,
      hasLeft: gone.isCancelled,
      leave: NOTHING,
      hurry: NOTHING,
      forget: NOTHING,
    };
  }
  const enough = newCancellation();
  let deadline: NodeJS.Timeout | undefined;
  let ended = false;
  const leave = () => {
    if (!ended) deadline ??= setTimeout(enough.cancel, readOnMs).unref();
  };
  const unwatch = gone.onCancel(leave);
  return {
    gone,
    enough,
    readsOn: true,
    hasLeft: () => gone.isCancelled() || deadline !== undefined,
    leave,
    hurry: enough.cancel,
    forget: () => {
      ended = true;
      clearTimeout(deadline);
      unwatch();
    },
  };
}
