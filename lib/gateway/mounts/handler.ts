import type { IncomingMessage, ServerResponse } from "node:http";
import { gateway } from "#lib/gateway/runtime/process-gateway";
import { answerNode } from "./node";
import { answerWeb } from "./web";

/** Answers a request of Next's route handlers (app/v1). */
export function handleGatewayRequest(request: Request): Promise<Response> {
  return answerWeb(gateway(), request);
}

/** Answers a request of server.ts. */
export function handleGatewayMessage(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  return answerNode(gateway(), incoming, outgoing);
}
