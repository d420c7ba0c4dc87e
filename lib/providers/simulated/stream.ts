import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { bodyOf, type UpstreamBody } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout } from "#lib/providers/upstream-error";
import type { UpstreamCall } from "#lib/providers/wire";
import type { SimulatedSettings } from "./settings";

/** Waits until the next token is due. */
export type Pace = () => Promise<void>;

/**
 * An answer as server-sent events, at the pace of the settings; stops at once when it is no longer wanted.
 * @param events the events, with the pace to keep before each token
 */
export function streamed(
  events: (pace: Pace) => AsyncGenerator<string, undefined>,
  settings: SimulatedSettings,
  { cancellation, wholeTimeoutMs }: Pick<UpstreamCall, "cancellation" | "wholeTimeoutMs">,
): UpstreamBody {
  const stop = new AbortController();
  const chunks = events(paceOf(settings, stop.signal));
  // Readable.from would wait for the next chunk before it can be destroyed.
  const stream = new Readable({
    read() {
      chunks.next().then(
        ({ done, value }) => stream.push(done ? null : value),
        (error: unknown) => stream.destroy(error instanceof Error ? error : new CallCancelled()),
      );
    },
    destroy(error, callback) {
      clearTimeout(deadline);
      stopListening();
      stop.abort();
      callback(error);
    },
  });
  const late = new UpstreamTimeout("The provider did not end its answer in time", true);
  const deadline = setTimeout(() => stream.destroy(late), wholeTimeoutMs - settings.first_token_ms);
  const stopListening = cancellation.onCancel(() => stream.destroy(new CallCancelled()));
  return bodyOf(stream);
}

function paceOf(settings: SimulatedSettings, signal: AbortSignal): Pace {
  let startedMs: number | null = null;
  let sent = 0;
  return async () => {
    startedMs ??= performance.now();
    // Measured from the start, so that late timers do not add up.
    const earlyMs = startedMs + msUntil(sent++, settings) - performance.now();
    if (earlyMs > 1) await sleep(earlyMs, undefined, { signal });
  };
}

/** Milliseconds from the first token to the one with this number. */
export function msUntil(tokens: number, settings: SimulatedSettings): number {
  return settings.tokens_per_second === undefined ? 0 : (tokens / settings.tokens_per_second) * 1000;
}
