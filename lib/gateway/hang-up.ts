import "server-only";
import type { Readable } from "node:stream";

/**
 * Ends a provider's answer once nobody wants it any more.
 * @returns what ends this watch
 */
export const endWithClient = (body: Readable, signal: AbortSignal) => onceAborted(signal, () => cut(body));

/** Calls `end` when the signal is aborted, or at once where it has been. */
export function onceAborted(signal: AbortSignal, end: () => void): () => void {
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return () => signal.removeEventListener("abort", end);
}

/** Cuts the connection to the provider; whoever reads the body sees an error, not an early end. */
export function cut(body: Readable): void {
  // Where nobody reads any more, it must not become an uncaught one.
  body.on("error", () => {});
  body.destroy(new Error("the answer is not wanted any more"));
}
