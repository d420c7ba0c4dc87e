import { pushEnd } from "#lib/dialects/events/stream-meter";
import type { GatewayAnswer } from "#lib/gateway/ports/exchange";
import { hideSecrets } from "#lib/providers/hide-secrets";
import type { Target } from "#lib/providers/wire";
import { answerHeaders } from "./answer-headers";
import type { Answered } from "./attempt";
import { abandonStream, lastEvents, outputIfBroken, type Relay, takeBytes, unreadMs } from "./end-stream";
import { countOutput, type Flight } from "./flight";
import { noteAttempts } from "./tried";

type Streamed = Extract<Answered, { kind: "stream" }>;

const NO_HEADERS = {};

/**
 * Relays a stream as it arrives. The terminal event is held back until the row is settled; a stream that breaks
 * ends in an error event; a client that disconnects ends the call to the provider, or has it read on.
 */
export function relayStream(flight: Flight, { route, stream }: Streamed): GatewayAnswer {
  const { admission, disconnect } = flight;
  const relay: Relay = {
    meter: stream.meter,
    source: stream.source,
    cutUpstream: stream.cutUpstream,
    flight,
    route,
    // A stream is opened by its first content.
    ttftMs: stream.meter.hasContent ? Math.round(performance.now() - admission.receivedAtMs) : null,
    ended: false,
    isLeft: false,
    unreadMs: 0,
    unreadSinceMs: performance.now(),
    shownAtMs: performance.now(),
    beyondEnd: null,
    endedAtMs: null,
  };
  countOutput(flight, () => outputIfBroken(relay));
  // If the client is gone before the answer begins, Next never cancels the body: this settles it.
  disconnect.gone.onCancel(() => abandonStream(relay));
  const rateHeaders = admission.rates?.headers ?? NO_HEADERS;
  const own = answerHeaders(admission, route, "text/event-stream; charset=utf-8", rateHeaders);
  const headers = noteAttempts(own, flight.tried);
  headers["cache-control"] = "no-store, no-transform";
  headers["x-accel-buffering"] = "no";
  return { status: 200, headers, body: relayedEvents(relay, stream.first) };
}

async function* relayedEvents(relay: Relay, first: readonly Buffer[]): AsyncGenerator<Buffer, void> {
  const { meter, source, route } = relay;
  try {
    yield* shown(first, route.target);
    let brokenBy: unknown = null;
    try {
      while (!meter.done && !meter.fault) {
        relay.unreadMs = unreadMs(relay);
        relay.unreadSinceMs = null;
        const step = await source.next();
        relay.unreadSinceMs = performance.now();
        if (step.done) {
          yield* shown(pushEnd(meter), route.target);
          break;
        }
        yield* shown(takeBytes(relay, step.value), route.target);
      }
    } catch (error) {
      brokenBy = error;
    }
    yield await lastEvents(relay, brokenBy);
  } finally {
    // A mount may stop reading without notice.
    abandonStream(relay);
  }
}

/** Events without our credentials. */
function* shown(events: readonly Buffer[], target: Target): Generator<Buffer, void> {
  for (const event of events) yield hideSecrets(event, target);
}
