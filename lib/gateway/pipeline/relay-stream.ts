import { estimateOutputTokens, pushBytes } from "#lib/dialects/chat/stream-meter";
import type { GatewayAnswer } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Admission } from "./admit";
import { answerHeaders } from "./answer-headers";
import type { Answered } from "./call-upstream";
import type { Departure } from "./client-disconnect";
import { lastEvent, leaveStream, type Relay } from "./end-stream";

type Streamed = Extract<Answered, { kind: "stream" }>;

/**
 * Relays a stream as it arrives. The last event is held back until the row is settled; a stream that
 * breaks ends in an error event; a client that leaves ends the call to the provider, or has it read on.
 */
export function relayStream(
  gateway: Gateway,
  admission: Admission,
  { route, stream, earlierPicoUsd }: Streamed,
  departure: Departure,
): GatewayAnswer {
  const ttftMs = Math.round(performance.now() - admission.receivedAtMs);
  const relay: Relay = {
    ...stream,
    gateway,
    admission,
    departure,
    route,
    earlierPicoUsd,
    ttftMs,
    ended: false,
  };
  gateway.inFlight.set(admission.hold.id, {
    admission,
    departure,
    outputTokens: () => estimateOutputTokens(relay.meter),
  });
  const leave = () => leaveStream(relay);
  // Gone before the answer begins, Next never cancels the body: this is what counts.
  departure.gone.onCancel(leave);
  return {
    status: 200,
    headers: {
      ...answerHeaders(admission, route, "text/event-stream; charset=utf-8"),
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
    body: relayedEvents(relay, stream.first),
  };
}

async function* relayedEvents(relay: Relay, first: readonly Buffer[]): AsyncGenerator<Buffer, void> {
  const { meter, source } = relay;
  try {
    yield* first;
    let brokenBy: unknown = null;
    try {
      while (!meter.done && !meter.fault) {
        const step = await source.next();
        if (step.done) break;
        yield* pushBytes(meter, step.value);
      }
    } catch (error) {
      brokenBy = error;
    }
    yield await lastEvent(relay, brokenBy);
  } finally {
    // A mount may stop reading without a word.
    leaveStream(relay);
  }
}
