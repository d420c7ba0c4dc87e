import { uuidv7 } from "#lib/credit/request-id";

/** The answer of a probe: never cached, and with a request id as every answer has. */
export function probeResponse(status: number, body: unknown): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store", "x-request-id": uuidv7() },
  });
}
