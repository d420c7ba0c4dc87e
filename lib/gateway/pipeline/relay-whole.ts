import type { GatewayAnswer } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { estimatedUsage, estimateTextTokens, estimateUnseenOutput } from "#lib/gateway/sizing/estimate";
import { ApiError } from "#lib/http/api-error";
import { UpstreamTimeout } from "#lib/providers/upstream-error";
import { type ReportedUsage, readUsage } from "#lib/providers/usage";
import type { Admission } from "./admit";
import { answerHeaders } from "./answer-headers";
import type { Answered } from "./call-upstream";
import type { Departure } from "./client-disconnect";
import { closeHold } from "./close-hold";
import { decodedBody } from "./decode-body";

type Whole = Extract<Answered, { kind: "whole" }>;

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * Reads a whole answer, settles it and passes it on byte for byte.
 * @throws ApiError upstream_error, upstream_timeout or client_closed_request; the row is settled then, too
 */
export async function relayWhole(
  gateway: Gateway,
  admission: Admission,
  { answer, route, earlierPicoUsd }: Whole,
  departure: Departure,
): Promise<GatewayAnswer> {
  const unwatch = departure.enough.onCancel(answer.body.cut);
  try {
    const bytes = await decodedBody(answer).whole(MAX_ANSWER_BYTES);
    const { usage, usageSource } = usageOf(admission, bytes);
    const left = departure.hasLeft();
    const costPicoUsd = await closeHold(gateway, admission, {
      route,
      earlierPicoUsd,
      usage,
      usageSource,
      httpStatus: left ? 499 : 200,
      errorCode: left ? "client_closed_request" : null,
      ttftMs: null,
    });
    const headers = answerHeaders(admission, route, "application/json", costPicoUsd);
    return { status: 200, headers, body: bytes };
  } catch (error) {
    const failure = failureOf(error, departure);
    const elapsedMs = performance.now() - admission.receivedAtMs;
    const unseen = estimateUnseenOutput(elapsedMs, admission.outputTokenBound);
    await closeHold(gateway, admission, {
      route,
      earlierPicoUsd,
      usage: estimatedUsage(admission.inputTokenEstimate, unseen),
      usageSource: "estimated",
      httpStatus: failure.status,
      errorCode: failure.code,
      ttftMs: null,
    });
    throw failure;
  } finally {
    unwatch();
  }
}

/**
 * The usage of a whole answer: the provider's, else an estimate over the texts that it sent.
 * @throws ApiError upstream_error for what is no chat completion
 */
function usageOf(
  admission: Admission,
  bytes: Buffer,
): { usage: ReportedUsage; usageSource: "provider" | "estimated" } {
  const body = parseObject(bytes);
  const usage = readUsage(body.usage);
  if (usage !== null) return { usage, usageSource: "provider" };
  const output = estimateTextTokens(JSON.stringify(body.choices));
  return { usage: estimatedUsage(admission.inputTokenEstimate, output), usageSource: "estimated" };
}

function parseObject(bytes: Buffer): { usage?: unknown; choices: unknown[] } {
  const garbage = (cause?: unknown) =>
    new ApiError("upstream_error", "The provider's answer is not a chat completion.", { cause });
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw garbage(cause);
  }
  if (typeof body !== "object" || body === null || !("choices" in body) || !Array.isArray(body.choices)) {
    throw garbage();
  }
  return { usage: "usage" in body ? body.usage : undefined, choices: body.choices };
}

function failureOf(error: unknown, departure: Departure): ApiError {
  if (departure.hasLeft()) return new ApiError("client_closed_request", "The client closed the connection.");
  if (error instanceof ApiError) return error;
  if (error instanceof UpstreamTimeout) {
    return new ApiError("upstream_timeout", "The provider stopped in the middle of its answer.", {
      cause: error,
    });
  }
  return new ApiError("upstream_error", "The provider's answer broke off.", { cause: error });
}
