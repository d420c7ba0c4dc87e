import "server-only";
import type { Admission, Arrival } from "./admit";
import { admit } from "./admit";
import { answerHeaders } from "./answer-headers";
import { authenticate, readCredentials } from "./authenticate";
import { type Answered, callUpstream } from "./call-upstream";
import { parseChatRequest } from "./chat-request";
import { closeHold } from "./close-hold";
import { estimateUnseenOutput } from "./estimate";
import type { GatewayAnswer, GatewayRequest } from "./exchange";
import type { Gateway } from "./gateway";
import { readBodyText } from "./read-body";
import { relayStream } from "./relay-stream";
import { relayWhole } from "./relay-whole";

/**
 * One chat completion: authenticate, read and check the body, resolve the model, hold, call upstream,
 * relay and settle. Each stage takes what the one before it gives, so none can be left out.
 * @throws ApiError for every refusal, and DatabaseUnavailable
 */
export async function chatCompletion(
  gateway: Gateway,
  request: GatewayRequest,
  ids: Pick<Arrival, "requestId" | "clientRequestId">,
): Promise<GatewayAnswer> {
  const credentials = readCredentials(request);
  const arrival = { ...ids, credentials, origin: request, receivedAtMs: performance.now() };
  const caller = await authenticate(gateway, arrival);
  const chat = parseChatRequest(await readBodyText(request, gateway.maxBodyBytes));
  const admission = await admit(gateway, arrival, caller, chat);
  keepTrack(gateway, admission);
  const answered = await callUpstream(gateway, admission, request.signal);
  switch (answered.kind) {
    case "refusal":
      return passRefusal(gateway, admission, answered);
    case "whole":
      return relayWhole(gateway, admission, answered, request.signal);
    case "stream":
      return relayStream(gateway, admission, answered, request.signal);
  }
}

/** While it is in flight, heartbeats tell what it may have cost so far. */
function keepTrack(gateway: Gateway, admission: Admission): void {
  const { receivedAtMs, outputTokenBound } = admission;
  gateway.inFlight.set(admission.hold.id, {
    admission,
    outputTokens: () => estimateUnseenOutput(performance.now() - receivedAtMs, outputTokenBound),
  });
}

async function passRefusal(
  gateway: Gateway,
  admission: Admission,
  { route, refusal, earlierPicoUsd }: Extract<Answered, { kind: "refusal" }>,
): Promise<GatewayAnswer> {
  const { status, error } = refusal;
  await closeHold(gateway, admission, {
    route,
    earlierPicoUsd,
    usage: null,
    usageSource: "estimated",
    httpStatus: status,
    errorCode: error.code ?? error.type,
    ttftMs: null,
  });
  return {
    status,
    headers: answerHeaders(admission, route, "application/json"),
    body: JSON.stringify({ error }),
  };
}
