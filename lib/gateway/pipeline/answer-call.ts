import { type ChatRequest, parseChatRequest } from "#lib/dialects/chat/parse";
import type { GatewayAnswer, GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { estimateUnseenOutput } from "#lib/gateway/sizing/estimate";
import type { Admission, Arrival } from "./admit";
import { admit } from "./admit";
import { answerHeaders } from "./answer-headers";
import { authenticate, readCredentials } from "./authenticate";
import { type Answered, callUpstream } from "./call-upstream";
import { type Departure, departureOf } from "./client-disconnect";
import { closeHold } from "./close-hold";
import { tellRefused } from "./rate-limit";
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
  ids: Pick<Arrival, "requestId" | "clientRequestId" | "headers" | "asker">,
): Promise<GatewayAnswer> {
  const arrival: Arrival = {
    requestId: ids.requestId,
    clientRequestId: ids.clientRequestId,
    credentials: readCredentials(request),
    origin: request,
    asker: ids.asker,
    receivedAtMs: performance.now(),
    headers: ids.headers,
    ticket: null,
  };
  const caller = await authenticate(gateway, arrival);
  const chat = await readChat(gateway, request, arrival);
  arrival.asker.model = chat.model;
  const admission = await admit(gateway, arrival, caller, chat);
  const departure = departureOf(request.gone, admission.onHangUp, gateway.readOnMs);
  keepTrack(gateway, admission, departure);
  const answered = await callUpstream(gateway, admission, departure);
  switch (answered.kind) {
    case "refusal":
      return passRefusal(gateway, admission, answered, departure);
    case "whole":
      return relayWhole(gateway, admission, answered, departure);
    case "stream":
      return relayStream(gateway, admission, answered, departure);
  }
}

async function readChat(gateway: Gateway, request: GatewayRequest, arrival: Arrival): Promise<ChatRequest> {
  try {
    return parseChatRequest(await readBodyText(request, gateway.maxBodyBytes));
  } catch (error) {
    // Known from a moment ago: who is no caller any more is told that first, whatever they have sent.
    await authenticate(gateway, arrival, { fresh: true });
    await tellRefused(gateway, arrival, error);
    throw error;
  }
}

/** While it is in flight, heartbeats tell what it may have cost so far. */
function keepTrack(gateway: Gateway, admission: Admission, departure: Departure): void {
  const { receivedAtMs, outputTokenBound } = admission;
  gateway.inFlight.set(admission.hold.id, {
    admission,
    departure,
    outputTokens: () => estimateUnseenOutput(performance.now() - receivedAtMs, outputTokenBound),
  });
}

async function passRefusal(
  gateway: Gateway,
  admission: Admission,
  { route, refusal, earlierPicoUsd }: Extract<Answered, { kind: "refusal" }>,
  departure: Departure,
): Promise<GatewayAnswer> {
  const { status, error } = refusal;
  const left = departure.hasLeft();
  await closeHold(gateway, admission, {
    route,
    earlierPicoUsd,
    usage: null,
    usageSource: "estimated",
    httpStatus: left ? 499 : status,
    errorCode: left ? "client_closed_request" : (error.code ?? error.type),
    ttftMs: null,
  });
  return {
    status,
    headers: answerHeaders(admission, route, "application/json"),
    body: JSON.stringify({ error }),
  };
}
