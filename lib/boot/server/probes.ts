import type { ServerResponse } from "node:http";
import { uuidv7 } from "#lib/credit/request-id";
import { liveness, type Probe, readiness } from "#lib/services/health/probes";
import type { NodeHandler } from "./http-server";

/**
 * Answers `/livez` and `/readyz` itself and passes the rest to the portal: the readiness of this process must not
 * depend on the portal's process.
 */
export function withProbes(portal: NodeHandler, isReady: () => Promise<Probe> = readiness): NodeHandler {
  return async (request, response) => {
    const path = request.method === "GET" || request.method === "HEAD" ? request.url?.split("?")[0] : null;
    if (path === "/livez") return answer(response, liveness());
    if (path === "/readyz") return answer(response, await isReady());
    return portal(request, response);
  };
}

function answer(response: ServerResponse, { status, body }: Probe): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-request-id": uuidv7(),
  });
  response.end(text);
}
