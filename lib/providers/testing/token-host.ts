import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Dispatcher } from "undici";
import type { Connections } from "#lib/providers/upstream-agent";
import { serve } from "./exchange-harness";

/** A request to a token server: where it was sent, and its form. */
export type TokenAsked = { url: string; form: Record<string, string> };

/**
 * Connections by which all requests to `host`, a public one, reach a server of the test instead.
 * @param local its base URL
 */
export function redirected({ agent, fresh }: Connections, host: string, local: string): Connections {
  const origin = new URL(local).origin;
  const redirect = (dispatch: Dispatcher["dispatch"]): Dispatcher["dispatch"] => {
    return (options, handler) =>
      dispatch(String(options.origin) === host ? { ...options, origin } : options, handler);
  };
  return { agent: agent.compose(redirect), fresh };
}

/**
 * Starts a token server that answers as `answer` says: a status and fields.
 * @returns its base URL and what it was asked
 */
export async function serveTokens(answer: (asked: TokenAsked) => [status: number, fields: object]) {
  const asked: TokenAsked[] = [];
  const url = await serve(async (request, response) => {
    const one = { url: request.url ?? "", form: await formOf(request) };
    asked.push(one);
    const [status, fields] = answer(one);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(fields));
  });
  return { url, asked };
}

async function formOf(request: IncomingMessage): Promise<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(await text(request)));
}
