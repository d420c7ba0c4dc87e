import type { Usage } from "#lib/credit/prices/price";
import type { GatewayAnswer } from "#lib/gateway/ports/exchange";
import { rejected } from "#lib/gateway/rejections/rejected";
import { estimatedUsage, estimateUnseenOutput, tokensOfBytes } from "#lib/gateway/sizing/estimate";
import { ApiError } from "#lib/http/api-error";
import { decodedBody } from "#lib/providers/decode-body";
import { UpstreamTimeout } from "#lib/providers/upstream-error";
import type { Admission } from "./admission";
import { answerHeaders } from "./answer-headers";
import type { Answered } from "./call-upstream";
import type { ClientDisconnect } from "./client-disconnect";
import { type Flight, settleFlight } from "./flight";

type Whole = Extract<Answered, { kind: "whole" }>;

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * Reads a whole answer, settles it and passes it on byte for byte.
 * @throws ApiError upstream_error, upstream_timeout or client_closed_request, after settling too
 */
export async function relayWhole(
  flight: Flight,
  { answer, route, earlierPicoUsd }: Whole,
): Promise<GatewayAnswer> {
  const { admission, disconnect } = flight;
  const unwatch = disconnect.stop.onCancel(answer.body.cut);
  try {
    const bytes = await decodedBody(answer).whole(MAX_ANSWER_BYTES);
    const { usage, usageSource } = usageOf(admission, bytes);
    const isGone = disconnect.isGone();
    const { costPicoUsd, rateHeaders } = await settleFlight(flight, {
      route,
      earlierPicoUsd,
      usage,
      usageSource,
      httpStatus: isGone ? 499 : 200,
      errorCode: isGone ? "client_closed_request" : null,
      ttftMs: null,
    });
    const headers = answerHeaders(admission, route, "application/json", rateHeaders, costPicoUsd);
    return { status: 200, headers, body: bytes };
  } catch (error) {
    const failure = failureOf(error, disconnect);
    const elapsedMs = performance.now() - admission.receivedAtMs;
    const unseen = estimateUnseenOutput(elapsedMs, admission.outputTokenBound);
    const { rateHeaders } = await settleFlight(flight, {
      route,
      earlierPicoUsd,
      usage: estimatedUsage(admission.inputTokenEstimate, unseen),
      usageSource: "estimated",
      httpStatus: failure.status,
      errorCode: failure.code,
      ttftMs: null,
    });
    throw rejected(failure, { headers: rateHeaders });
  } finally {
    unwatch();
  }
}

/**
 * The usage of a whole answer: the provider's, else an estimate over the texts that it sent.
 * @throws ApiError upstream_error for what is not an answer in the dialect
 */
function usageOf(
  { dialect, inputTokenEstimate }: Admission,
  bytes: Buffer,
): { usage: Usage; usageSource: "provider" | "estimated" } {
  const { usage, outputBytes } = dialect.readWhole(bytes);
  if (usage !== null) return { usage, usageSource: "provider" };
  const output = tokensOfBytes(outputBytes);
  return { usage: estimatedUsage(inputTokenEstimate, output), usageSource: "estimated" };
}

function failureOf(error: unknown, disconnect: ClientDisconnect): ApiError {
  if (disconnect.isGone()) return new ApiError("client_closed_request", "The client closed the connection.");
  if (error instanceof ApiError) return error;
  if (error instanceof UpstreamTimeout) {
    return new ApiError("upstream_timeout", "The provider stopped in the middle of its answer.", {
      cause: error,
    });
  }
  return new ApiError("upstream_error", "The provider's answer broke off.", { cause: error });
}
