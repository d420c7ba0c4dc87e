import "server-only";
import type { HangUp } from "#lib/auth/caller";

/** How long a provider's answer is read on after its client has gone. */
export const READ_ON_MS = 60_000;

/** What a client's leaving does to its request. */
export type Departure = {
  /** Aborted when the client is gone. */
  gone: AbortSignal;
  /** Aborted when nothing more of the provider's answer is wanted: then, or a while after. */
  enough: AbortSignal;
  /** Whether the answer is read on meanwhile, for its exact usage. */
  readsOn: boolean;
  /** True once the client is gone. */
  hasLeft: () => boolean;
  /** Says that it is gone: a mount may know without any signal. */
  leave: () => void;
  /** Nothing more is wanted from now on. */
  hurry: () => void;
  /** The request has ended. */
  forget: () => void;
};

const NOTHING = () => {};

/** @param readOnMs for how long, where the organization wants answers read to their end */
export function departureOf(gone: AbortSignal, onHangUp: HangUp, readOnMs: number): Departure {
  if (onHangUp === "abort") {
    return {
      gone,
      enough: gone,
      readsOn: false,
      hasLeft: () => gone.aborted,
      leave: NOTHING,
      hurry: NOTHING,
      forget: NOTHING,
    };
  }
  const enough = new AbortController();
  let deadline: NodeJS.Timeout | undefined;
  let ended = false;
  const hurry = () => enough.abort(new Error("the client is gone, and its answer takes too long"));
  const leave = () => {
    if (!ended) deadline ??= setTimeout(hurry, readOnMs).unref();
  };
  if (gone.aborted) leave();
  else gone.addEventListener("abort", leave, { once: true });
  return {
    gone,
    enough: enough.signal,
    readsOn: true,
    hasLeft: () => gone.aborted || deadline !== undefined,
    leave,
    hurry,
    forget: () => {
      ended = true;
      clearTimeout(deadline);
      gone.removeEventListener("abort", leave);
    },
  };
}
