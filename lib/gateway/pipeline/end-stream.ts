import type { PicoUsd } from "#lib/credit/money";
import type { Usage } from "#lib/credit/prices/price";
import { estimateOutputTokens, isUsageFinal, pushBytes, pushEnd } from "#lib/dialects/events/stream-meter";
import { scrubbedEvent } from "#lib/gateway/provider-errors/scrub";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage, estimateUnseenOutput } from "#lib/gateway/sizing/estimate";
import { ApiError, errorFields } from "#lib/http/api-error";
import { UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Admission } from "./admission";
import { type Flight, settleFlight } from "./flight";
import type { OpenStream } from "./open-stream";

/** A stream on its way to a client. */
export type Relay = Pick<OpenStream, "meter" | "source" | "cutUpstream"> & {
  flight: Flight;
  route: Route;
  earlierPicoUsd: PicoUsd;
  /** Until the first content; null for a stream without any. */
  ttftMs: number | null;
  /** Set once by whichever comes first: the stream's own end or the client's disconnect. */
  ended: boolean;
};

/** How a stream ended: whole, broken by its provider, or abandoned by its client. */
type StreamEnd = { kind: "whole" } | { kind: "broken"; error: ApiError } | { kind: "abandoned" };

/** Many clients disconnect at `finish_reason`, when the exact usage is only one event away. */
const USAGE_AFTER_DISCONNECT_MS = 2_000;

/**
 * Settles a stream that its provider has ended, and only then returns what ends it for the client: the
 * terminal event, or the error that broke it.
 */
export async function lastEvents(relay: Relay, brokenBy: unknown): Promise<Buffer> {
  const { meter, route } = relay;
  const { reader, held, fault } = meter;
  if (fault?.kind === "provider_error") {
    const scrubbed = scrubbedEvent(fault.detail, route.target);
    await endStream(relay, { kind: "broken", error: new ApiError("upstream_error", scrubbed.message) });
    return reader.failed(scrubbed, meter);
  }
  // A connection that broke may have lost an answer, its usage or an error.
  if (fault === null && (meter.done || (meter.finished && brokenBy === null))) {
    await endStream(relay, { kind: "whole" });
    const terminal = reader.terminal(meter);
    return held.length === 0 ? terminal : Buffer.concat([...held, terminal]);
  }
  const error =
    brokenBy instanceof UpstreamTimeout
      ? new ApiError("upstream_timeout", "The provider stopped in the middle of its answer.")
      : new ApiError("upstream_error", "The provider's stream broke off before its end.");
  await endStream(relay, { kind: "broken", error });
  return reader.failed(errorFields(error), meter);
}

/** The client is gone: reads on if the organization wants that, ends the call to the provider and settles. */
export function abandonStream(relay: Relay): void {
  const { gateway, admission } = relay.flight;
  endStream(relay, { kind: "abandoned" }).catch((error) =>
    gateway.log.error({ err: error, requestId: admission.hold.id }, "settling an abandoned stream failed"),
  );
}

async function endStream(relay: Relay, end: StreamEnd): Promise<void> {
  if (relay.ended) return;
  relay.ended = true;
  if (end.kind === "abandoned") await readOn(relay);
  if (end.kind !== "whole") relay.cutUpstream();
  const { route, earlierPicoUsd, ttftMs } = relay;
  await settleFlight(relay.flight, {
    route,
    earlierPicoUsd,
    ttftMs,
    ...usageOf(relay),
    ...statusOf(end),
  });
}

/** Reads on without a client: to the end, or until the usage if only that is missing. */
async function readOn(relay: Relay): Promise<void> {
  const { meter, flight, cutUpstream } = relay;
  const { disconnect } = flight;
  if (disconnect.readsOn) {
    disconnect.markGone();
    const unwatch = disconnect.stop.onCancel(cutUpstream);
    await readUntil(relay, () => estimateOutputTokens(meter) >= mostTokensAfterDisconnect(relay));
    unwatch();
  } else if (meter.finished && !meter.usage) {
    const tooLong = setTimeout(cutUpstream, USAGE_AFTER_DISCONNECT_MS);
    await readUntil(relay, () => meter.usage !== null);
    clearTimeout(tooLong);
  }
}

async function readUntil({ meter, source }: Relay, isEnough: () => boolean): Promise<void> {
  try {
    while (!meter.done && !meter.fault && !isEnough()) {
      const step = await source.next();
      if (step.done) {
        pushEnd(meter);
        return;
      }
      pushBytes(meter, step.value);
    }
  } catch {
    // The connection broke or was cut: the estimate remains.
  }
}

/**
 * What is read without a client must not cost more than what is held for it. A provider that has
 * the bound keeps it, and counts its tokens better than we do.
 */
const mostTokensAfterDisconnect = ({ flight: { admission } }: Relay): number =>
  isBounded(admission) ? admission.outputTokenBound * 2 : admission.outputTokenBound;

/** Whether the provider has an output bound, the client's or ours. */
const isBounded = ({ call, outputLimit }: Admission) => call.maxOutputTokens !== null || outputLimit !== null;

function usageOf({ meter, flight: { admission } }: Relay) {
  if (meter.usage && isUsageFinal(meter)) return { usage: meter.usage, usageSource: "provider" as const };
  const elapsedMs = performance.now() - admission.receivedAtMs;
  const seen = estimateOutputTokens(meter);
  // The estimate may be too high; no provider bills beyond the bound that it has.
  const output = isBounded(admission) ? Math.min(seen, admission.outputTokenBound) : seen;
  const estimate = estimatedUsage(
    admission.inputTokenEstimate,
    output || estimateUnseenOutput(elapsedMs, admission.outputTokenBound),
  );
  return { usage: usageSoFar(meter.usage, estimate), usageSource: "estimated" as const };
}

/** A usage from before the last content has the exact input, and the least output. */
function usageSoFar(reported: Usage | null, estimate: Usage): Usage {
  if (reported === null) return estimate;
  return { ...reported, outputTokens: Math.max(reported.outputTokens, estimate.outputTokens) };
}

function statusOf(end: StreamEnd): { httpStatus: number; errorCode: string | null } {
  switch (end.kind) {
    case "whole":
      return { httpStatus: 200, errorCode: null };
    case "abandoned":
      return { httpStatus: 499, errorCode: "client_closed_request" };
    case "broken":
      return { httpStatus: end.error.status, errorCode: end.error.code };
  }
}
