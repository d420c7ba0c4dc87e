import { uuidv7 } from "#lib/credit/request-id";

/** The response to a probe: not cached, with a request id like every response. */
export function probeResponse(status: number, body: unknown): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store", "x-request-id": uuidv7() },
  });
}
