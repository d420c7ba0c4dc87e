import { sameSecret } from "#lib/auth/same-secret";
import { config } from "#lib/config/config";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorResponse } from "#lib/http/api-error";
import { log } from "#lib/observability/log";

/**
 * Serves a cron route: 401 without `Authorization: Bearer $CRON_SECRET` (always, if that is not set), otherwise the
 * result of the job as JSON. An ApiError of the job says what its caller can mend; others are for the log only.
 */
export const cronRoute =
  (job: () => Promise<object>) =>
  (request: Request): Promise<Response> =>
    runCronJob(request, job);

async function runCronJob(request: Request, job: () => Promise<object>): Promise<Response> {
  const requestId = uuidv7();
  const secret = config().CRON_SECRET;
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (secret === undefined || given === undefined || !sameSecret(given, secret)) {
    const message = "Send 'Authorization: Bearer $CRON_SECRET' with the server's value.";
    return errorResponse(new ApiError("invalid_api_key", message), requestId);
  }
  try {
    return Response.json(await job(), { headers: { "x-request-id": requestId } });
  } catch (error) {
    log.error({ err: error, request_id: requestId }, "cron job failed");
    if (error instanceof ApiError) return errorResponse(error, requestId);
    return errorResponse(new ApiError("internal_error", "The job failed. See the server log."), requestId);
  }
}
