import { type Caller, callerIdOf } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import { completedUsage } from "#lib/dialects/partial-usage";
import { isPartial } from "#lib/dialects/usage";
import type { BodyCount } from "#lib/gateway/ports/body-bytes";
import type { GatewayAnswer, GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { callerInfo, UNKNOWN_CALLER } from "#lib/gateway/rejections/caller-info";
import { rejected } from "#lib/gateway/rejections/rejected";
import { ApiError } from "#lib/http/api-error";
import type { CountBytes } from "#lib/http/read-body";
import { admit } from "./admit";
import { answerHeaders } from "./answer-headers";
import type { Arrival } from "./arrival";
import type { Answered } from "./attempt";
import { authenticate, readCredentials } from "./authenticate";
import { feeBeyond } from "./bill-attempt";
import { callUpstream } from "./call-upstream";
import { clientDisconnect } from "./client-disconnect";
import { type Flight, settleFlight, startFlight } from "./flight";
import { requestTags } from "./labels";
import { isLarge, readChecked } from "./late-body";
import { usageOfRefusal } from "./likely-input";
import { isCovered, outputOfError } from "./likely-output";
import { parseBody } from "./parse-body";
import { withRateState } from "./rate-limit";
import { readBodyText } from "./read-body";
import { aboutCaller, rejectSpent } from "./reject-spent";
import { relayStream } from "./relay-stream";
import { relayWhole } from "./relay-whole";
import { readOnMsFor } from "./report-late";
import { noteAttempts } from "./tried";

/**
 * Answers one call of a dialect: authenticate, read and parse the body, resolve the model, hold, call
 * upstream, relay and settle. Each stage takes what the one before returns, so none can be left out.
 * @throws Rejected for every error
 */
export async function answerCall(
  gateway: Gateway,
  dialect: Dialect,
  request: GatewayRequest,
  ids: Pick<Arrival, "requestId" | "clientRequestId">,
): Promise<GatewayAnswer> {
  const arrival: Arrival = {
    requestId: ids.requestId,
    clientRequestId: ids.clientRequestId,
    credentials: readCredentials(request),
    origin: request,
    receivedAtMs: performance.now(),
  };
  let known = UNKNOWN_CALLER;
  let body: BodyCount | null = null;
  try {
    const found = await authenticate(gateway, arrival, { fresh: isLarge(request) });
    known = callerInfo(found, null);
    const caller = found.spentBudgets === null ? found : await rejectSpent(gateway, arrival, found);
    body = gateway.bodies.open(callerIdOf(caller));
    const call = await readCall(gateway, dialect, request, arrival, caller, body);
    known = callerInfo(caller, call.model);
    const admission = await admit(gateway, arrival, dialect, caller, call);
    const disconnect = clientDisconnect(request.gone, admission, readOnMsFor(gateway, admission));
    const answer = gateway.answers.open(callerIdOf(caller));
    const flight = startFlight(gateway, admission, disconnect, {
      body,
      answer,
      keyPrefix: caller.apiKeyPrefix,
    });
    return await relay(flight, await callUpstream(flight));
  } catch (error) {
    body?.release();
    throw rejected(error, { callerInfo: known });
  }
}

/**
 * A large body is read for a caller that was read after its head had arrived, and a late one is while it arrives. Most
 * are small, and there.
 */
async function readCall(
  gateway: Gateway,
  dialect: Dialect,
  request: GatewayRequest,
  arrival: Arrival,
  caller: Caller,
  body: BodyCount,
): Promise<Call> {
  const read = (count: CountBytes) => readBodyText(request, gateway.maxBodyBytes, count);
  const check = async () =>
    rejectSpent(gateway, arrival, await authenticate(gateway, arrival, { fresh: true }));
  try {
    const isChecked = isLarge(request) || request.hasArrived();
    const json = isChecked ? await read(body.add) : await readChecked(read, body.add, check);
    // A header is judged when the body is: who sends it comes first.
    requestTags(request);
    dialect.readHeaders(request);
    return await parseBody(gateway, dialect, caller, json);
  } catch (error) {
    // What the check found out is about the caller already.
    if (!(error instanceof ApiError)) throw error;
    throw await withRateState(gateway, arrival, await aboutCaller(gateway, arrival, caller, error));
  }
}

function relay(flight: Flight, answered: Answered): Promise<GatewayAnswer> | GatewayAnswer {
  switch (answered.kind) {
    case "error":
      return passError(flight, answered);
    case "whole":
      return relayWhole(flight, answered);
    case "stream":
      return relayStream(flight, answered);
  }
}

/** Passes on a provider's error about the client's own request. */
async function passError(
  flight: Flight,
  { route, passed: { error, status, usage: reported, bills } }: Extract<Answered, { kind: "error" }>,
): Promise<GatewayAnswer> {
  const { admission, disconnect } = flight;
  const isGone = disconnect.isGone();
  const isBilled = reported !== null || bills !== "nothing";
  const output = await outputOfError(flight.gateway, admission, route, bills);
  const estimate = isBilled ? await usageOfRefusal(flight, route, output) : null;
  const usage =
    reported !== null && estimate !== null
      ? completedUsage(reported, estimate, isCovered(admission))
      : estimate;
  const { rateHeaders } = await settleFlight(flight, {
    route,
    usage,
    feePicoUsd: bills === "violation" ? feeBeyond(route, usage) : 0n,
    usageSource: reported === null || isPartial(reported) ? "estimated" : "provider",
    httpStatus: isGone ? 499 : status,
    errorCode: isGone ? "client_closed_request" : (error.code ?? error.type),
    ttftMs: null,
    statedCostPicoUsd: null,
    providerStatus: status,
  });
  return {
    status,
    headers: noteAttempts(answerHeaders(admission, route, "application/json", rateHeaders), flight.tried),
    body: admission.dialect.errors.providerError(error, admission.hold.id),
  };
}
