import type { PicoUsd } from "#lib/credit/money";
import { estimateOutputTokens, pushBytes } from "#lib/dialects/chat/stream-meter";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { scrubbedEvent } from "#lib/gateway/provider-errors/scrub";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage, estimateUnseenOutput } from "#lib/gateway/sizing/estimate";
import { ApiError, errorBody } from "#lib/http/api-error";
import { UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Admission } from "./admit";
import type { Departure } from "./client-disconnect";
import { closeHold } from "./close-hold";
import type { OpenStream } from "./open-stream";

/** A stream on its way to a client. */
export type Relay = Pick<OpenStream, "meter" | "source" | "cutUpstream"> & {
  gateway: Gateway;
  admission: Admission;
  departure: Departure;
  route: Route;
  earlierPicoUsd: PicoUsd;
  ttftMs: number;
  /** Set once by whichever comes first: the stream's own end or the client's leaving. */
  ended: boolean;
};

/** How a stream ended: whole, broken by its provider, or left by its client. */
type StreamEnd = { kind: "whole" } | { kind: "broken"; error: ApiError } | { kind: "left" };

const DONE = Buffer.from("data: [DONE]\n\n");
/** Many clients leave at `finish_reason`; the exact usage is then only an event away. */
const USAGE_AFTER_LEAVING_MS = 2_000;

/**
 * Settles a stream that its provider has ended, and only then answers the last event, which tells the
 * client that all is said: `[DONE]`, or the error that it broke with.
 */
export async function lastEvent(relay: Relay, brokenBy: unknown): Promise<Buffer> {
  const { meter, route } = relay;
  if (meter.fault?.kind === "provider_error") {
    const scrubbed = scrubbedEvent(meter.fault.detail, route.target);
    await endStream(relay, { kind: "broken", error: new ApiError("upstream_error", scrubbed.message) });
    return Buffer.from(`data: ${JSON.stringify({ error: scrubbed })}\n\n`);
  }
  if (meter.fault === null && (meter.done || meter.finished)) {
    await endStream(relay, { kind: "whole" });
    return DONE;
  }
  const error =
    brokenBy instanceof UpstreamTimeout
      ? new ApiError("upstream_timeout", "The provider stopped in the middle of its answer.")
      : new ApiError("upstream_error", "The provider's stream broke off before its end.");
  await endStream(relay, { kind: "broken", error });
  return Buffer.from(`data: ${errorBody(error)}\n\n`);
}

/** The client is gone: reads on where that is wanted, ends the call to the provider and settles. */
export function leaveStream(relay: Relay): void {
  endStream(relay, { kind: "left" }).catch((error) =>
    relay.gateway.log.error(
      { err: error, requestId: relay.admission.hold.id },
      "settling a left stream failed",
    ),
  );
}

async function endStream(relay: Relay, end: StreamEnd): Promise<void> {
  if (relay.ended) return;
  relay.ended = true;
  if (end.kind === "left") await readOn(relay);
  if (end.kind !== "whole") relay.cutUpstream();
  const { route, earlierPicoUsd, ttftMs } = relay;
  await closeHold(relay.gateway, relay.admission, {
    route,
    earlierPicoUsd,
    ttftMs,
    ...usageOf(relay),
    ...statusOf(end),
  });
}

/** Reads on, unheard: to the end, or where the answer was whole but for its usage. */
async function readOn(relay: Relay): Promise<void> {
  const { meter, departure, cutUpstream } = relay;
  if (departure.readsOn) {
    departure.leave();
    const unwatch = departure.enough.onCancel(cutUpstream);
    await readUntil(relay, () => estimateOutputTokens(meter) >= mostTokensUnheard(relay));
    unwatch();
  } else if (meter.finished && !meter.usage) {
    const tooLong = setTimeout(cutUpstream, USAGE_AFTER_LEAVING_MS);
    await readUntil(relay, () => meter.usage !== null);
    clearTimeout(tooLong);
  }
}

async function readUntil({ meter, source }: Relay, isEnough: () => boolean): Promise<void> {
  try {
    while (!meter.done && !meter.fault && !isEnough()) {
      const step = await source.next();
      if (step.done) return;
      pushBytes(meter, step.value);
    }
  } catch {
    // The connection broke, or was cut: the estimate stands.
  }
}

/**
 * What is read unheard must not cost more than what is held for it. A provider that was told the bound
 * keeps it by itself, and counts its tokens better than we do.
 */
const mostTokensUnheard = ({ admission }: Relay): number =>
  isToldBound(admission) ? admission.outputTokenBound * 2 : admission.outputTokenBound;

const isToldBound = ({ request, outputLimit }: Admission) =>
  request.maxOutputTokens !== null || outputLimit !== null;

function usageOf({ meter, admission }: Relay) {
  if (meter.usage) return { usage: meter.usage, usageSource: "provider" as const };
  const elapsedMs = performance.now() - admission.receivedAtMs;
  const seen = estimateOutputTokens(meter);
  // Texts may look like more tokens than they are; no provider bills beyond what it was told to stop at.
  const output = isToldBound(admission) ? Math.min(seen, admission.outputTokenBound) : seen;
  return {
    usage: estimatedUsage(
      admission.inputTokenEstimate,
      output || estimateUnseenOutput(elapsedMs, admission.outputTokenBound),
    ),
    usageSource: "estimated" as const,
  };
}

function statusOf(end: StreamEnd): { httpStatus: number; errorCode: string | null } {
  switch (end.kind) {
    case "whole":
      return { httpStatus: 200, errorCode: null };
    case "left":
      return { httpStatus: 499, errorCode: "client_closed_request" };
    case "broken":
      return { httpStatus: end.error.status, errorCode: end.error.code };
  }
}
