import type { ServerResponse } from "node:http";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorBody } from "#lib/http/api-error";

/** Answers with an error in our usual shape. */
export function sendError(response: ServerResponse, error: ApiError): void {
  const body = errorBody(error);
  response.writeHead(error.status, {
    ...error.headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": uuidv7(),
  });
  response.end(body);
}

/** Answers 503 with `retry-after: 1`. */
export const sendUnavailable = (response: ServerResponse, message: string): void =>
  sendError(response, new ApiError("service_unavailable", message, { headers: { "retry-after": "1" } }));
