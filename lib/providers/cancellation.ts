/**
 * Something that is not wanted any more, once and for good: what AbortSignal says as well, at a small part
 * of its price, since every request of the data plane makes one or two.
 */
export type Cancellation = {
  isCancelled: () => boolean;
  /**
   * Calls the listener when it is cancelled, or at once where it has been.
   * @returns what takes the listener away again
   */
  onCancel: (listener: () => void) => () => void;
};

/** Makes one, with what cancels it. */
export function cancellation(): Cancellation & { cancel: () => void } {
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

/** The same, of a signal. */
export function cancellationOf(signal: AbortSignal): Cancellation {
  return {
    isCancelled: () => signal.aborted,
    onCancel: (listener) => {
      if (signal.aborted) listener();
      else signal.addEventListener("abort", listener, { once: true });
      return () => signal.removeEventListener("abort", listener);
    },
  };
}

/** A signal of it, for what takes nothing else. */
export function signalOf({ onCancel }: Cancellation): AbortSignal {
  const controller = new AbortController();
  onCancel(() => controller.abort());
  return controller.signal;
}
