import type { ServerResponse } from "node:http";
import { uuidv7 } from "#lib/credit/request-id";
import { ApiError, errorBody } from "#lib/http/api-error";

/** Answers 503 with `retry-after: 1`. */
export function sendUnavailable(response: ServerResponse, message: string): void {
  const error = new ApiError("service_unavailable", message);
  const body = errorBody(error);
  response.writeHead(error.status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "retry-after": "1",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": uuidv7(),
  });
  response.end(body);
}
