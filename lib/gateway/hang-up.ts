import "server-only";
import type { Readable } from "node:stream";

/**
 * Ends a provider's answer once the client is gone.
 * @returns what ends this watch
 */
export function endWithClient(body: Readable, signal: AbortSignal): () => void {
  const end = () => cut(body);
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
