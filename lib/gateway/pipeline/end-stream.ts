import type { PicoUsd } from "#lib/credit/money";
import { NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { type FurtherAnswers, furtherAnswers } from "#lib/dialects/events/further-answers";
import { isSumAwaited, isUsageFinal, reportedUsage, seenTokens } from "#lib/dialects/events/meter-usage";
import { pushBytes, pushEnd, type StreamMeter } from "#lib/dialects/events/stream-meter";
import { completedUsage } from "#lib/dialects/partial-usage";
import { addedUsage, isPartial, type ReportedUsage } from "#lib/dialects/usage";
import { billedByError } from "#lib/gateway/provider-errors/billed-errors";
import { errorInObject } from "#lib/gateway/provider-errors/error-body";
import { scrubbedEvent } from "#lib/gateway/provider-errors/scrub";
import type { Route } from "#lib/gateway/routing/routing";
import { shownPace } from "#lib/gateway/sizing/estimate-output";
import { letterTokensOf, rareTokensOf } from "#lib/gateway/sizing/rare-tokens";
import { ApiError, errorFields } from "#lib/http/api-error";
import { hideSecrets } from "#lib/providers/hide-secrets";
import { UpstreamTimeout } from "#lib/providers/upstream-error";
import { type Ending, type Flight, settleFlight } from "./flight";
import { type Ended, likelyUsage } from "./likely-input";
import {
  generatedTokens,
  isBounded,
  likelyOutputTokens,
  maySilenceHide,
  outputIfLeft,
  predictedTokens,
} from "./likely-output";
import type { OpenStream } from "./open-stream";
import { readUsageAfterError } from "./read-after-error";
import { readBeyondEnd, silentMsFor } from "./read-beyond-end";

/** A stream on its way to a client. */
export type Relay = Pick<OpenStream, "meter" | "source" | "cutUpstream"> & {
  flight: Flight;
  route: Route;
  /** Until the first content; null for a stream without any. */
  ttftMs: number | null;
  /** Set once by whichever comes first: the stream's own end or the client's disconnect. */
  ended: boolean;
  /** Whether Tollgate stopped reading for a client that is gone, where the provider may go on. */
  isLeft: boolean;
  /** How long the client has not taken what arrived, in all: the provider goes on meanwhile, into buffers. */
  unreadMs: number;
  /** Since when it has not, besides; null while the provider is read. */
  unreadSinceMs: number | null;
  /** When content last arrived. */
  shownAtMs: number;
  /** Reads what follows the end, once; null before. */
  beyondEnd: Promise<void> | null;
  /** When the answer was at its end; null before. */
  endedAtMs: number | null;
};

/** How a stream ended: whole, broken by its provider, or abandoned by its client. */
type StreamEnd =
  | { kind: "whole" }
  | { kind: "broken"; error: ApiError; hasBrokenOff: boolean; isUnbilled?: boolean }
  | { kind: "abandoned" };

/** What is charged, and how it is known. */
type Used = Pick<Ending, "usageSource"> & { usage: Usage };

type EndOfAnswer = { isWhole: boolean; isCutShort: boolean; ended: Ended };

/** Many clients disconnect at `finish_reason`, when the exact usage is only one event away. */
const USAGE_AFTER_DISCONNECT_MS = 2_000;
/** In less time, an answer arrives as fast as the network is. */
const LEAST_SHOWN_MS = 200;

/**
 * Settles a stream that its provider has ended, and only then returns what ends it for the client: the
 * terminal event, or the error that broke it.
 */
export async function lastEvents(relay: Relay, brokenBy: unknown): Promise<Buffer> {
  const { meter, route } = relay;
  const { reader, held, fault } = meter;
  if (fault?.kind === "provider_error") {
    const scrubbed = scrubbedEvent(fault.detail, route.target);
    await readUsageAfterError(meter, relay.source, relay.cutUpstream);
    const error = new ApiError("upstream_error", scrubbed.message);
    const text = JSON.stringify(fault.detail) ?? "";
    const bills = billedByError({ status: null, error: errorInObject(fault.detail), text }, route.target);
    await endStream(relay, { kind: "broken", error, hasBrokenOff: false, isUnbilled: bills === "nothing" });
    return reader.failed(scrubbed, meter);
  }
  // A connection that broke may have lost an answer, its usage or an error.
  if (fault === null && (meter.done || (meter.finished && brokenBy === null))) {
    await readFurther(relay);
    await endStream(relay, { kind: "whole" });
    const terminal = reader.terminal(meter);
    if (held.length === 0) return terminal;
    return hideSecrets(Buffer.concat([...held, terminal]), route.target);
  }
  const error =
    brokenBy instanceof UpstreamTimeout
      ? new ApiError("upstream_timeout", "The provider stopped in the middle of its answer.")
      : new ApiError("upstream_error", "The provider's stream broke off before its end.");
  await endStream(relay, { kind: "broken", error, hasBrokenOff: true });
  return reader.failed(errorFields(error), meter);
}

/** The client is gone: reads on if the organization wants that, ends the call to the provider and settles. */
export function abandonStream(relay: Relay): void {
  const { gateway, admission } = relay.flight;
  endStream(relay, { kind: "abandoned" }).catch((error) =>
    gateway.log.error({ err: error, request_id: admission.hold.id }, "settling an abandoned stream failed"),
  );
}

/** Reads what the server appends after the end, which is billed, too. A client that leaves meanwhile changes nothing. */
function readFurther(relay: Relay): Promise<void> {
  relay.endedAtMs ??= performance.now();
  relay.beyondEnd ??= readAppended(relay);
  return relay.beyondEnd;
}

async function readAppended({ meter, source, cutUpstream, flight, route }: Relay): Promise<void> {
  const { gateway, admission } = flight;
  const isLeftOpen = await readBeyondEnd(meter, source, cutUpstream, silentMsFor(admission.call));
  if (isLeftOpen)
    gateway.log.warn(
      { request_id: admission.hold.id, provider: route.target.providerName },
      "The provider leaves its streams open after their end, which delays every answer.",
    );
}

async function endStream(relay: Relay, end: StreamEnd): Promise<void> {
  if (relay.ended) return;
  relay.ended = true;
  const isWhole = end.kind === "whole" || (end.kind === "abandoned" && (await readOn(relay)));
  const isCutShort = end.kind === "abandoned" && !relay.meter.finished && !relay.meter.done;
  if (end.kind !== "whole") relay.cutUpstream();
  if (end.kind === "whole") notePace(relay);
  const { route, ttftMs, flight, meter } = relay;
  const status = statusOf(end);
  const isFault = end.kind === "broken" && end.isUnbilled === true;
  const ended: Ended = status.errorCode === null ? "whole" : isFault ? "failed" : "cut";
  const first = await usageOf(relay, { isWhole, isCutShort, ended });
  const further = furtherAnswers(meter);
  await settleFlight(flight, {
    route,
    ttftMs,
    statedCostPicoUsd: statedCost(meter, further),
    ...withFurther(first, further, flight),
    furtherAnswers: further.count,
    hasBrokenOff: end.kind === "broken" && end.hasBrokenOff,
    ...status,
  });
}

/** The usage of an answer and of those after it: an input that is not reported is at least that of the request. */
function withFurther({ usage, usageSource }: Used, further: FurtherAnswers, { admission }: Flight): Used {
  if (further.count === 0) return { usage, usageSource };
  const unknown = { ...NO_USAGE, inputTokens: further.unknownInputs * admission.inputTokenEstimate };
  return {
    usage: addedUsage(addedUsage(usage, further.usage), unknown),
    usageSource: further.isExact ? usageSource : "estimated",
  };
}

const statedCost = ({ statedCostPicoUsd: stated }: StreamMeter, further: FurtherAnswers): PicoUsd | null =>
  stated === null && further.statedCostPicoUsd === 0n ? null : (stated ?? 0n) + further.statedCostPicoUsd;

/**
 * Notes how fast the answer was shown. Over the whole request it seems slower: it may have waited before, or a part
 * of it is hidden.
 */
function notePace({ flight, meter, route, ttftMs, endedAtMs }: Relay): void {
  const { gateway, admission } = flight;
  const usage = reportedUsage(meter);
  if (ttftMs === null || usage === null || isPartial(usage)) return;
  const latencyMs = (endedAtMs ?? performance.now()) - admission.receivedAtMs - ttftMs;
  if (latencyMs < LEAST_SHOWN_MS) return;
  const shown = Math.min(generatedTokens(admission, seenTokens(meter)), usage.outputTokens);
  gateway.pace.note(route.target, { outputTokens: shown / Math.max(1, admission.call.answers), latencyMs });
}

/**
 * Reads on without a client: to the end, or until the usage if only that is missing.
 * @returns whether the answer has arrived whole
 */
async function readOn(relay: Relay): Promise<boolean> {
  const { meter, flight, route, cutUpstream } = relay;
  const { disconnect } = flight;
  let isEnd = false;
  if (disconnect.readsOn(route)) {
    disconnect.markGone();
    const unwatch = disconnect.stopFor(route).onCancel(cutUpstream);
    isEnd = await readUntil(relay, () => seenOutput(relay) >= mostTokensAfterDisconnect(relay));
    if (meter.done) await readFurther(relay);
    relay.isLeft ||= disconnect.stopFor(route).isCancelled();
    unwatch();
  } else if (meter.finished && isUsageMissing(meter)) {
    const tooLong = setTimeout(cutUpstream, USAGE_AFTER_DISCONNECT_MS);
    isEnd = await readUntil(relay, () => !isUsageMissing(meter));
    clearTimeout(tooLong);
  }
  return meter.fault === null && (meter.done || (isEnd && meter.finished));
}

const isUsageMissing = (meter: StreamMeter): boolean => meter.usage === null || isSumAwaited(meter);

async function readUntil(relay: Relay, isEnough: () => boolean): Promise<boolean> {
  const { meter, source } = relay;
  try {
    while (!meter.done && !meter.fault && !isEnough()) {
      const step = await source.next();
      if (step.done) {
        pushEnd(meter);
        return true;
      }
      takeBytes(relay, step.value);
    }
  } catch (error) {
    // The connection broke or was cut: the estimate remains.
    relay.isLeft ||= error instanceof UpstreamTimeout;
  }
  return false;
}

/**
 * What is read without a client must not cost more than what is held for it. A provider that has
 * the bound keeps it, and counts its tokens better than we do.
 */
const mostTokensAfterDisconnect = ({ flight: { admission } }: Relay): number =>
  admission.call.echoedTokens +
  (isBounded(admission) ? admission.outputTokenBound * 2 : admission.outputTokenBound);

/** @param end.isCutShort a usage that has arrived is then one from before the end */
async function usageOf(relay: Relay, { isWhole, isCutShort, ended }: EndOfAnswer): Promise<Used> {
  const { meter, flight, route } = relay;
  const isFinal = isUsageFinal(meter) && !isCutShort;
  const reported = reportedUsage(meter);
  if (reported !== null && !isPartial(reported) && isFinal)
    return { usage: reported, usageSource: "provider" };
  const predicted = isWhole ? 0 : await predictedTokens(flight.gateway, flight.admission, route);
  const seen = likelyOutput(relay, isWhole, predicted);
  const output = outputWithoutUsage(relay, isWhole, seen);
  const likely = await likelyUsage(flight, route, ended, output, meter.webSearches);
  // What is not seen of an answer in sound is most likely sound, too.
  const isDear = likely.outputAudioTokens + likely.outputImageTokens > 0;
  const textTokens = meter.mediaTokens > 0 || isDear ? seenTokens(meter) - meter.mediaTokens : output;
  const otherTokens = Math.max(0, output - textTokens);
  const estimate =
    likely.outputImageTokens > 0
      ? { ...likely, outputImageTokens: otherTokens }
      : { ...likely, outputAudioTokens: otherTokens };
  const isSearching = flight.admission.call.searches !== null;
  return {
    usage: usageSoFar(reported, estimate, { isFinal, isSearching }),
    usageSource: "estimated",
  };
}

/** A budget must cover what goes on after a stream is left. */
function outputWithoutUsage({ flight: { admission }, route, isLeft }: Relay, isWhole: boolean, seen: number) {
  return isLeft && !isWhole ? outputIfLeft(admission, route, seen) : seen;
}

/**
 * A usage from before the last content has the exact input, or none yet, and the least output. Searches may have been
 * made since, and read.
 */
function usageSoFar(
  reported: ReportedUsage | null,
  estimate: Usage,
  { isFinal, isSearching }: { isFinal: boolean; isSearching: boolean },
): Usage {
  if (reported === null) return estimate;
  const usage = completedUsage(reported, estimate);
  if (isFinal) return usage;
  const isReadAnew = isSearching && estimate.inputTokens > usage.inputTokens;
  return {
    ...(isReadAnew ? estimate : usage),
    inputTokens: isReadAnew ? estimate.inputTokens : usage.inputTokens || estimate.inputTokens,
    outputTokens: Math.max(usage.outputTokens, estimate.outputTokens),
    webSearches: Math.max(usage.webSearches, estimate.webSearches),
  };
}

/** Output tokens that the provider bills if the stream breaks off now. */
export const outputIfBroken = (relay: Relay): number => likelyOutput(relay, false);

/** Takes the provider's next bytes. Returns what can be relayed. */
export function takeBytes(relay: Relay, bytes: Buffer): Buffer[] {
  const { meter } = relay;
  const { contentEvents } = meter;
  const events = pushBytes(meter, bytes);
  if (meter.contentEvents > contentEvents) relay.shownAtMs = performance.now();
  return events;
}

/** How long a stream has not been read for its client, who took what arrived only later, or has not yet. */
export const unreadMs = ({ unreadMs: before, unreadSinceMs }: Relay): number =>
  before + (unreadSinceMs === null ? 0 : performance.now() - unreadSinceMs);

const seenOutput = ({ meter, flight }: Relay): number => generatedTokens(flight.admission, seenTokens(meter));

function likelyOutput(relay: Relay, isWhole: boolean, predicted?: number): number {
  const { flight, meter, route, ttftMs, shownAtMs } = relay;
  const { gateway, admission } = flight;
  const nowMs = performance.now();
  const tokens = seenOutput(relay);
  const rareTokens = rareTokensOf(meter.rare, route.target.upstreamModel);
  const seen = {
    tokens,
    rareTokens: generatedTokens(admission, seenTokens(meter) + rareTokens) - tokens,
    mostTokens: generatedTokens(admission, seenTokens(meter) + rareTokens + letterTokensOf(meter.rare)),
    isWhole,
    isLive: true,
    unreadMs: unreadMs(relay),
    silentMs: maySilenceHide(admission) ? nowMs - shownAtMs : 0,
    shownPerSecond: ttftMs === null ? 0 : shownPace(tokens, nowMs - admission.receivedAtMs - ttftMs),
  };
  return likelyOutputTokens(gateway, admission, route, seen, predicted);
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
