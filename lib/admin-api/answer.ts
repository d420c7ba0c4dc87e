import { createHash } from "node:crypto";
import type { Actor } from "#lib/auth/actor";
import { isDraining } from "#lib/config/drain-state";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorResponse } from "#lib/http/api-error";
import { log } from "#lib/observability/log";
import type { ServiceContext } from "#lib/services/context";
import { type Answer, runOnce } from "#lib/services/idempotency/run-once";
import { requireRole } from "#lib/services/role";
import { apiErrorOf } from "./api-error-of";
import { withUserIds } from "./external-users";
import { findOperation } from "./find-operation";
import { type CallerSources, identifyCaller } from "./identify-caller";
import type { Operation } from "./operation";
import { type RequestInput, readInput } from "./read-input";
import { rejectCrossSite } from "./reject-cross-site";

export type AdminApi = {
  operations: readonly Operation[];
  callers: CallerSources;
  /** NEXTAUTH_URL. */
  portalUrl: string | undefined;
  contextOf(actor: Actor, headers: Headers): ServiceContext;
};

/** What the log shows of a request, filled in as it becomes known. */
type Trace = { operation?: string; actor?: string };

/** Answers a request of the Admin API. Never throws. */
export async function answerAdmin(api: AdminApi, request: Request): Promise<Response> {
  const requestId = uuidv7();
  const startedAt = performance.now();
  const trace: Trace = {};
  const response = await serve(api, request, trace).catch((error: unknown) => {
    const known = apiErrorOf(error);
    if (known === null) log.error({ err: error, request_id: requestId, ...trace }, "admin request failed");
    else if (known.status >= 500)
      log.warn({ err: known, request_id: requestId, ...trace }, "admin request failed");
    return errorResponse(known ?? new ApiError("internal_error", INTERNAL_ERROR), requestId);
  });
  response.headers.set("x-request-id", requestId);
  response.headers.set("cache-control", "no-store");
  const latencyMs = Math.round(performance.now() - startedAt);
  log.info(
    { request_id: requestId, ...trace, status: response.status, latency_ms: latencyMs },
    "admin request",
  );
  return response;
}

const INTERNAL_ERROR = "Internal error. The server's log has the details under this request id.";

async function serve(api: AdminApi, request: Request, trace: Trace): Promise<Response> {
  if (isDraining()) {
    const headers = { "retry-after": "1" };
    throw new ApiError("service_unavailable", "Tollgate is shutting down. Try again.", { headers });
  }
  const caller = await identifyCaller(api.callers, request);
  trace.actor = caller.actor.id;
  if (caller.by === "session") rejectCrossSite(request, api.portalUrl);
  const path = new URL(request.url).pathname;
  const found = findOperation(api.operations, request.method, path);
  const { operation } = found;
  trace.operation = `${operation.method} ${operation.path}`;
  requireRole(caller.actor, operation.role);
  const input = await readInput(found, request);
  const ctx = api.contextOf(caller.actor, request.headers);
  const key = operation.idempotent ? idempotencyKey(request) : null;
  return key === null ? run(operation, ctx, input) : runIdempotent(operation, ctx, input, { key, path });
}

/** Runs an operation whose input may name users by external ids. */
const runNamed = async (
  operation: Operation,
  ctx: ServiceContext,
  { input, userOrganizationId }: RequestInput,
): Promise<unknown> => operation.run(ctx, await withUserIds(ctx, operation, input, userOrganizationId));

async function run(operation: Operation, ctx: ServiceContext, input: RequestInput): Promise<Response> {
  const output = await runNamed(operation, ctx, input);
  if (output instanceof Response) return output;
  return operation.status === 204 ? new Response(null, { status: 204 }) : json(answerOf(operation, output));
}

async function runIdempotent(
  operation: Operation,
  ctx: ServiceContext,
  input: RequestInput,
  { key, path }: { key: string; path: string },
): Promise<Response> {
  const fingerprint = createHash("sha256").update(`${operation.method} ${path}\n${input.bodyText}`).digest();
  const outcome = await runOnce(ctx, { key, fingerprint }, async (inside) =>
    answerOf(operation, await runNamed(operation, inside, input)),
  );
  if (outcome.kind === "reused") {
    const message = "This Idempotency-Key was used for a different request. Use a new key for each request.";
    throw new ApiError("idempotency_key_reused", message, { param: "Idempotency-Key" });
  }
  const response = json(outcome.answer);
  if (outcome.kind === "replayed") response.headers.set("idempotent-replayed", "true");
  return response;
}

/** @throws ApiError invalid_request */
function idempotencyKey({ headers }: Request): string | null {
  const key = headers.get("idempotency-key");
  if (key === null || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.";
  throw new ApiError("invalid_request", message, { param: "Idempotency-Key" });
}

const answerOf = ({ status }: Operation, output: unknown): Answer => ({
  status,
  body: JSON.stringify(output ?? {}),
});

const json = ({ status, body }: Answer): Response =>
  new Response(body, { status, headers: { "content-type": "application/json" } });
