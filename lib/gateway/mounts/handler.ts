import type { IncomingMessage, ServerResponse } from "node:http";
import { gateway } from "#lib/gateway/runtime/process-gateway";
import { answerNode } from "./node";
import { answerWeb } from "./web";

/** The data plane as Next's route handlers mount it (app/v1). */
export function handleGatewayRequest(request: Request): Promise<Response> {
  return answerWeb(gateway(), request);
}

/** The data plane as server.ts mounts it. */
export function handleGatewayMessage(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  return answerNode(gateway(), incoming, outgoing);
}
