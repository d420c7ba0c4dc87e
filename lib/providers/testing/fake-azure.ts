import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { serve } from "./exchange-harness";
import { serveTokens } from "./token-host";

/** An application that no other test has: applications share their tokens. */
export const entraApplication = () => ({
  tenant_id: "11111111-2222-4333-8444-555555555555",
  client_id: "66666666-7777-4888-8999-aaaaaaaaaaaa",
  client_secret: `entra~${randomBytes(16).toString("hex")}`,
});
export const AZURE_KEY = "azure-key-0123456789abcdef";

/** The fields that the v1 API documents for each of its endpoints that Tollgate serves. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "chat/completions": ["model", "messages", "max_completion_tokens", "stream", "stream_options", "tools"],
  completions: ["model", "prompt", "max_tokens", "stream", "stream_options"],
  embeddings: ["model", "input", "dimensions"],
  responses: ["model", "input", "max_output_tokens", "store", "include", "stream"],
};

const usage = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 };
const filtered = { hate: { filtered: false, severity: "safe" } };
const chatChunk = (fields: object) => ({ id: "c1", object: "chat.completion.chunk", ...fields });

/** Answers as the documentation of Azure OpenAI shows them, content filter results included. */
export const AZURE_ANSWERS: Readonly<Record<string, object>> = {
  "chat/completions": {
    id: "c1",
    object: "chat.completion",
    model: "gpt-5-mini-2025-08-07",
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: filtered }],
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hello!" },
        finish_reason: "stop",
        content_filter_results: filtered,
      },
    ],
    usage,
  },
  completions: {
    id: "t1",
    object: "text_completion",
    choices: [{ index: 0, text: "Hi", finish_reason: "stop" }],
    usage,
  },
  embeddings: {
    object: "list",
    data: [{ index: 0, embedding: [0.5] }],
    usage: { prompt_tokens: 12, total_tokens: 12 },
  },
  responses: {
    id: "resp_1",
    object: "response",
    status: "completed",
    output: [
      { id: "msg_1", type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello!" }] },
    ],
    usage: { input_tokens: 12, output_tokens: 7, total_tokens: 19 },
  },
};
export const AZURE_STREAM = [
  chatChunk({ choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: filtered }] }),
  chatChunk({
    choices: [{ index: 0, delta: { role: "assistant", content: "Hello!" }, finish_reason: null }],
  }),
  chatChunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop", content_filter_results: filtered }] }),
  chatChunk({ choices: [], usage }),
]
  .map((data) => `data: ${JSON.stringify(data)}\n\n`)
  .concat("data: [DONE]\n\n")
  .join("");

/** What the server saw of a request. */
export type AzureSeen = { path: string; headers: Record<string, string>; body: unknown };

/**
 * A strict Azure OpenAI resource, and the server of Microsoft Entra ID: it takes a key in `api-key` or a bearer token that
 * was issued and is not revoked, and rejects fields that it does not know.
 */
export async function serveAzure() {
  const entra = entraApplication();
  const seen: AzureSeen[] = [];
  const revoked = new Set<string>();
  const tokens = await serveTokens(({ url, form }) => {
    const { grant_type, scope, ...application } = form;
    const { tenant_id, ...ours } = entra;
    const isRight =
      url === `/${tenant_id}/oauth2/v2.0/token` &&
      grant_type === "client_credentials" &&
      scope === "https://ai.azure.com/.default" &&
      JSON.stringify(application) === JSON.stringify(ours);
    if (!isRight) return [400, { error: "invalid_client", error_description: "AADSTS7000215: wrong" }];
    return [200, { token_type: "Bearer", expires_in: 3599, access_token: tokenOf(tokens.asked.length) }];
  });
  const isKnown = (headers: IncomingMessage["headers"]) => {
    const { authorization, "api-key": key } = headers;
    if (authorization === undefined) return key === AZURE_KEY;
    const issued = tokens.asked.map((_, at) => `Bearer ${tokenOf(at + 1)}`);
    return key === undefined && issued.includes(authorization) && !revoked.has(authorization);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = /^\/openai\/v1\/([\w/]+)$/.exec(request.url ?? "")?.[1] ?? "";
    const body = request.method === "POST" ? await json(request) : {};
    seen.push({ path, headers: Object.fromEntries(Object.entries(request.headers).map(asText)), body });
    if (!isKnown(request.headers)) return send(response, 401, error("401", "Access denied."));
    if (path === "models") return send(response, 200, { object: "list", data: [] });
    const fields = FIELDS[path];
    if (fields === undefined) return send(response, 404, error("404", "Resource not found"));
    const given = typeof body === "object" && body !== null ? Object.keys(body) : [];
    const unknown = given.find((name) => !fields.includes(name));
    if (unknown !== undefined)
      return send(response, 400, error("unknown_parameter", `Unknown parameter: '${unknown}'.`));
    if (path === "chat/completions" && Reflect.get(Object(body), "stream") === true) {
      response.writeHead(200, { "content-type": "text/event-stream" }).end(AZURE_STREAM);
      return;
    }
    send(response, 200, AZURE_ANSWERS[path] ?? {});
  }

  const url = await serve((request, response) => void answer(request, response));
  return { url: url.replace(/\/v1$/, ""), entra, seen, tokens, revoked };
}

export const tokenOf = (number: number) => `eyJ0eXAiOiJKV1Qi-entra-token-${number}`;

const asText = ([name, value]: [string, unknown]): [string, string] => [name, String(value)];
const error = (code: string, message: string) => ({ error: { code, message } });

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
