/** Like an AbortSignal, but much cheaper: every request of the data plane creates one or two. */
export type Cancellation = {
  isCancelled: () => boolean;
  /**
   * Calls the listener on cancellation, or at once if that has happened.
   * @returns a function that removes the listener
   */
  onCancel: (listener: () => void) => () => void;
};

/** Creates a cancellation and the function that triggers it. */
export function newCancellation(): Cancellation & { cancel: () => void } {
  const listeners: (() => void)[] = [];
  let cancelled = false;
  return {
    isCancelled: () => cancelled,
    onCancel: (listener) => {
      if (cancelled) listener();
      else listeners.push(listener);
      return () => {
        const at = listeners.indexOf(listener);
        if (at !== -1) listeners.splice(at, 1);
      };
    },
    cancel: () => {
      if (cancelled) return;
      cancelled = true;
      for (const listener of listeners.splice(0)) listener();
    },
  };
}

/** A cancellation that follows a signal. */
export function cancellationOf(signal: AbortSignal): Cancellation {
  const { cancel, ...cancellation } = newCancellation();
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return cancellation;
}

/** A signal that follows a cancellation. */
export function signalOf({ onCancel }: Cancellation): AbortSignal {
  const controller = new AbortController();
  onCancel(() => controller.abort());
  return controller.signal;
}

/**
 * Waits, unless the cancellation comes first.
 * @param begin gets what ends the wait before its time
 */
export function pause(
  timeoutMs: number,
  { onCancel }: Cancellation,
  begin: (end: () => void) => void = () => {},
): Promise<void> {
  return new Promise((resolve) => {
    let unwatch = () => {};
    const timeout = setTimeout(end, timeoutMs);
    function end(): void {
      clearTimeout(timeout);
      unwatch();
      resolve();
    }
    unwatch = onCancel(end);
    begin(end);
  });
}
