import { presentedPrefix } from "#lib/auth/api-key";
import { isDraining } from "#lib/config/drain-state";
import { uuidv7 } from "#lib/credit/request-id";
import { isDatabaseUnavailable } from "#lib/db/unavailable";
import type { Counting, Dialect } from "#lib/dialects/dialect";
import type { ErrorShape } from "#lib/dialects/errors/error-shape";
import { openAiErrors } from "#lib/dialects/errors/openai";
import { dataPlanePath } from "#lib/dialects/paths";
import { DIALECTS } from "#lib/dialects/registry";
import type { GatewayAnswer, GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { RequestEntry } from "#lib/gateway/ports/request-log";
import { type CallerInfo, UNKNOWN_CALLER } from "#lib/gateway/rejections/caller-info";
import { rejected } from "#lib/gateway/rejections/rejected";
import { hasLedgerRow } from "#lib/gateway/rejections/rejection-notes";
import { ApiError, unlessRejected } from "#lib/http/api-error";
import { answerCall } from "./answer-call";
import { readCredentials } from "./authenticate";
import { countInput } from "./count-input";
import { listModels, retrieveModel } from "./list-models";
import { aboutMe } from "./me";
import type { Trace } from "./trace";

const CLIENT_REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

type Answering = (
  gateway: Gateway,
  request: GatewayRequest,
  requestId: string,
  trace: Trace,
) => Promise<GatewayAnswer>;

/** What answers a path, in the error shape that its clients expect. */
type Endpoint = {
  errors: ErrorShape;
  method: "GET" | "POST";
  answer: Answering;
  /** Whether its requests have ledger rows, with which they are logged (flight.ts). */
  hasRows: boolean;
};

/**
 * The data plane as one function, which never throws. Every answer carries `x-request-id`, `nosniff` and
 * `no-store`, and every error has the shape of its endpoint.
 */
export async function serve(gateway: Gateway, request: GatewayRequest): Promise<GatewayAnswer> {
  const requestId = uuidv7();
  const startedMs = performance.now();
  const trace: Trace = { callerInfo: UNKNOWN_CALLER };
  const endpoint = endpointOf(request.url);
  try {
    if (endpoint === undefined) throw notFound(request);
    rejectUpgrade(request, endpoint);
    requireMethod(request, endpoint.method);
    const answer = await endpoint.answer(gateway, request, requestId, trace);
    answer.headers["x-request-id"] ??= requestId;
    if (!endpoint.hasRows) {
      const { status } = answer;
      gateway.requestLog.request(
        entryOf(request, requestId, trace.callerInfo, { status, code: null, startedMs }),
      );
    }
    return unstored(answer);
  } catch (caught) {
    const { error, callerInfo, headers } = rejected(caught, {});
    const rejection = toApiError(gateway, error, requestId);
    gateway.rejections.note(callerInfo, rejection, requestId);
    if (!hasLedgerRow(rejection)) {
      const { status, code } = rejection;
      gateway.requestLog.rejection(code, () =>
        entryOf(request, requestId, callerInfo, { status, code, startedMs }),
      );
    }
    return unstored(errorAnswer(endpoint?.errors ?? errorsAt(request.url), rejection, requestId, headers));
  }
}

/** What a model wrote is neither stored on the way nor taken for a page. A stream has its own cache-control. */
function unstored(answer: GatewayAnswer): GatewayAnswer {
  const { headers } = answer;
  headers["cache-control"] ??= "no-store";
  headers["x-content-type-options"] = "nosniff";
  return answer;
}

/** What the log has of a request without a ledger row. */
function entryOf(
  request: GatewayRequest,
  requestId: string,
  callerInfo: CallerInfo,
  ended: { status: number; code: string | null; startedMs: number },
): RequestEntry {
  return {
    atMs: Date.now(),
    requestId,
    caller: callerInfo,
    keyPrefix: callerInfo.apiKeyPrefix ?? callerInfo.keyPrefix ?? prefixIn(request),
    endpoint: endpointName(request.url),
    model: callerInfo.model,
    provider: null,
    upstreamModel: null,
    status: ended.status,
    code: ended.code,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    costPicoUsd: 0n,
    latencyMs: Math.round(performance.now() - ended.startedMs),
    ttftMs: null,
    stream: null,
  };
}

/** What may be shown of a key that was not looked up. */
function prefixIn(request: GatewayRequest): string | null {
  const credentials = unlessRejected(() => readCredentials(request));
  return credentials?.kind === "key" ? presentedPrefix(credentials.key) : null;
}

const withoutRow = (
  answer: (gateway: Gateway, request: GatewayRequest, trace: Trace) => Promise<GatewayAnswer>,
): Endpoint => ({
  errors: openAiErrors,
  method: "GET",
  hasRows: false,
  answer: (gateway, request, _requestId, trace) => answer(gateway, request, trace),
});

const BY_PATH = new Map<string, Endpoint>([
  ["/models", withoutRow(listModels)],
  ["/me", withoutRow(aboutMe)],
  ...DIALECTS.map((dialect) => [`/${dialect.endpoint}`, endpointFor(dialect)] as const),
  ...DIALECTS.flatMap((dialect) => {
    const { counting } = dialect;
    return counting === null ? [] : [[`/${counting.endpoint}`, countingEndpoint(dialect, counting)] as const];
  }),
]);

function endpointFor(dialect: Dialect): Endpoint {
  return untilDraining(dialect, true, (gateway, request, requestId) =>
    answerCall(gateway, dialect, request, { requestId, clientRequestId: clientRequestId(request) }),
  );
}

function countingEndpoint(dialect: Dialect, counting: Counting): Endpoint {
  return untilDraining(dialect, false, (gateway, request, requestId, trace) =>
    countInput(gateway, dialect, counting, request, { requestId, trace }),
  );
}

/** An endpoint that takes requests until the process stops. */
function untilDraining({ errors }: Dialect, hasRows: boolean, answer: Answering): Endpoint {
  return {
    errors,
    method: "POST",
    hasRows,
    answer: (gateway, request, requestId, trace) => {
      if (isDraining()) throw draining();
      return answer(gateway, request, requestId, trace);
    },
  };
}

function endpointOf(url: string): Endpoint | undefined {
  const path = dataPlanePath(url);
  if (path === undefined) return undefined;
  const known = BY_PATH.get(path);
  if (known !== undefined || !path.startsWith("/models/")) return known;
  return withoutRow((gateway, request, trace) =>
    retrieveModel(gateway, request, decoded(path.slice("/models/".length)), trace),
  );
}

/** The endpoint as on a row, by names of ours only: a path may have anything in it. */
function endpointName(url: string): string | null {
  const path = dataPlanePath(url) ?? "";
  if (BY_PATH.has(path)) return path.slice(1);
  return path.startsWith("/models/") ? "models/{id}" : null;
}

/** The error shape of a path that is not served: clients of a dialect may ask for more below its endpoint. */
function errorsAt(url: string): ErrorShape {
  const path = dataPlanePath(url) ?? "";
  return DIALECTS.find(({ endpoint }) => path.startsWith(`/${endpoint}/`))?.errors ?? openAiErrors;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError("invalid_request", "The path is not validly percent-encoded.");
  }
}

/** Says what to use instead: the endpoint that the path ends with, as below another gateway's base URL, or all. */
function notFound({ method, url }: GatewayRequest): ApiError {
  const [path = ""] = url.split("?");
  const endpoints = [...BY_PATH.keys()];
  const [meant] = endpoints
    .filter((endpoint) => path.endsWith(endpoint) || path.endsWith(`${endpoint}/`))
    .toSorted((one, other) => other.length - one.length);
  const instead =
    meant === undefined
      ? `The endpoints are ${endpoints.map((endpoint) => `/v1${endpoint}`).join(", ")}.`
      : `Use /v1${meant}.`;
  return new ApiError("not_found", `Not found: ${method} ${path.slice(0, 100)}. ${instead}`);
}

function requireMethod(request: GatewayRequest, method: "GET" | "POST"): void {
  if (request.method === method) return;
  throw new ApiError("method_not_allowed", `Use ${method} here.`, { headers: { allow: method } });
}

/** Clients that try a WebSocket first fall back to a POST at once, but only for this status (Codex). */
function rejectUpgrade({ method, header }: GatewayRequest, endpoint: Endpoint): void {
  if (method !== "GET" || endpoint.method !== "POST") return;
  if (header("upgrade")?.toLowerCase() !== "websocket") return;
  throw new ApiError("upgrade_required", "WebSockets are not supported. Send a POST over HTTP.", {
    headers: { allow: "POST", connection: "close" },
  });
}

/** The client's own id, if it is well-formed. */
function clientRequestId(request: GatewayRequest): string | null {
  const id = request.header("x-request-id") ?? request.header("x-client-request-id");
  return id !== null && CLIENT_REQUEST_ID.test(id) ? id : null;
}

function draining(): ApiError {
  return new ApiError("service_unavailable", "Tollgate is shutting down. Try again.", {
    headers: { "retry-after": "1" },
  });
}

/** @param known what every answer to this caller says */
function errorAnswer(
  shape: ErrorShape,
  error: ApiError,
  requestId: string,
  known: Readonly<Record<string, string>>,
): GatewayAnswer {
  return {
    status: error.status,
    headers: {
      ...shape.headers(error),
      ...error.headers,
      ...known,
      "content-type": "application/json",
      "x-request-id": requestId,
    },
    body: shape.body(error, requestId),
  };
}

/** The error to show to the client; an unexpected one is logged. */
function toApiError(gateway: Gateway, error: unknown, requestId: string): ApiError {
  if (error instanceof ApiError) return error;
  // An outage of the database is logged once, when it is noticed.
  const level = isDatabaseUnavailable(error) && gateway.watch.isUnavailable() ? "debug" : "error";
  gateway.log[level]({ err: error, requestId }, "request failed");
  if (isDatabaseUnavailable(error)) {
    return new ApiError("service_unavailable", "The database is unavailable. Try again.", {
      headers: { "retry-after": "1" },
    });
  }
  return new ApiError("internal_error", "Internal error. Find it in the log by its request id.");
}
