import { isDraining } from "#lib/config/drain-state";
import { uuidv7 } from "#lib/credit/request-id";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import type { GatewayAnswer, GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { type Asker, unknownAsker } from "#lib/gateway/rejections/caller-info";
import { ApiError, errorBody } from "#lib/http/api-error";
import { chatCompletion } from "./answer-call";
import { listModels, retrieveModel } from "./list-models";

const CLIENT_REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * The data plane as one function, which never throws. Every answer carries `x-request-id`; every error has
 * OpenAI's shape.
 */
export async function serve(gateway: Gateway, request: GatewayRequest): Promise<GatewayAnswer> {
  const requestId = uuidv7();
  const headers: Record<string, string> = {};
  const asker = unknownAsker();
  try {
    return withHeaders(await dispatch(gateway, request, requestId, headers, asker), requestId, headers);
  } catch (error) {
    const refusal = toApiError(gateway, error, requestId);
    gateway.rejections.note(asker, refusal);
    return withHeaders(errorAnswer(refusal, requestId), requestId, headers);
  }
}

function dispatch(
  gateway: Gateway,
  request: GatewayRequest,
  requestId: string,
  headers: Record<string, string>,
  asker: Asker,
): Promise<GatewayAnswer> {
  const path = pathOf(request.url);
  if (path === "/chat/completions") {
    allowMethod(request, "POST");
    if (isDraining()) throw draining();
    const ids = { requestId, clientRequestId: clientRequestId(request), headers, asker };
    return chatCompletion(gateway, request, ids);
  }
  if (path === "/models") {
    allowMethod(request, "GET");
    return listModels(gateway, request, { asker, headers });
  }
  if (path.startsWith("/models/")) {
    allowMethod(request, "GET");
    return retrieveModel(gateway, request, { asker, headers }, decoded(path.slice("/models/".length)));
  }
  throw new ApiError("not_found", `There is no ${request.method} ${path.slice(0, 100)} here.`);
}

/** The path below `/v1`, whichever of the contract's aliases it came by. */
function pathOf(url: string): string {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  const below = path.replace(/^(?:\/llm)?\/v1(?=\/)/, "");
  return below.length > 1 && below.endsWith("/") ? below.slice(0, -1) : below;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError("invalid_request", "The path is not validly percent-encoded.");
  }
}

function allowMethod(request: GatewayRequest, method: "GET" | "POST"): void {
  if (request.method === method) return;
  throw new ApiError("method_not_allowed", `Use ${method} here.`, { headers: { allow: method } });
}

/** The client's own id is kept beside ours, if it is one. */
function clientRequestId(request: GatewayRequest): string | null {
  const id = request.header("x-request-id") ?? request.header("x-client-request-id");
  return id !== null && CLIENT_REQUEST_ID.test(id) ? id : null;
}

function draining(): ApiError {
  return new ApiError("service_unavailable", "Tollgate is shutting down. Try again.", {
    headers: { "retry-after": "1" },
  });
}

/** @param headers what every answer says, as far as its stages have found it out */
function withHeaders(
  answer: GatewayAnswer,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): GatewayAnswer {
  answer.headers["x-request-id"] ??= requestId;
  Object.assign(answer.headers, headers);
  return answer;
}

function errorAnswer(error: ApiError, requestId: string): GatewayAnswer {
  return {
    status: error.status,
    headers: { ...error.headers, "content-type": "application/json", "x-request-id": requestId },
    body: errorBody(error),
  };
}

/** What went wrong, as the client may know it; what is ours to mend is logged. */
function toApiError(gateway: Gateway, error: unknown, requestId: string): ApiError {
  if (error instanceof ApiError) return error;
  // That the database is away is said once, when it is found out.
  const level = isDatabaseUnavailable(error) && gateway.watch.isUnavailable() ? "debug" : "error";
  gateway.log[level]({ err: error, requestId }, "a request failed");
  if (isDatabaseUnavailable(error)) {
    return new ApiError("service_unavailable", "The database cannot be reached right now. Try again.", {
      headers: { "retry-after": "1" },
    });
  }
  return new ApiError(
    "internal_error",
    "Something went wrong in Tollgate. The request id finds it in the log.",
  );
}
