import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "#lib/dialects/text/json-fields";

/** What a provider bills for a request. */
export type Billing = { input: number; output: number; searches: number };

export type Manner = {
  /** Whether it reports how often it has searched. */
  isCounted: boolean;
  /** Whether its streams break off after their text. */
  cutsOff: boolean;
  /** How long a stream waits before its usage. */
  pauseMs: number;
};

/** Answers a message or a response as a provider that has searched. One search more has failed. */
export async function answerSearching(
  body: JsonObject,
  response: ServerResponse,
  billing: Billing,
  manner: Manner,
): Promise<void> {
  if ("input" in body) answerResponse(response, billing, manner);
  else if (body.stream === true) await streamMessage(response, billing, manner);
  else answerMessage(response, billing, manner);
}

const found = { type: "web_search_tool_result", tool_use_id: "s1", content: [] };
const failed = { ...found, content: { type: "web_search_tool_result_error", error_code: "unavailable" } };
const shown = ({ searches }: Billing) => [
  failed,
  ...Array.from({ length: searches }, () => found),
  { type: "text", text: "Found it." },
];
const usageOfMessage = ({ input, output, searches }: Billing, { isCounted }: Manner) => ({
  input_tokens: input,
  output_tokens: output,
  ...(isCounted ? { server_tool_use: { web_search_requests: searches } } : {}),
});

function answerMessage(response: ServerResponse, billing: Billing, manner: Manner): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      type: "message",
      role: "assistant",
      content: shown(billing),
      stop_reason: "end_turn",
      usage: usageOfMessage(billing, manner),
    }),
  );
}

async function streamMessage(response: ServerResponse, billing: Billing, manner: Manner): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (event: { type: string; [field: string]: unknown }) =>
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  send({ type: "message_start", message: { usage: { input_tokens: 40, output_tokens: 1 } } });
  for (const [index, content_block] of shown(billing).entries())
    send({ type: "content_block_start", index, content_block });
  if (manner.cutsOff) {
    setTimeout(() => response.destroy(), 50);
    return;
  }
  await sleep(manner.pauseMs);
  send({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: usageOfMessage(billing, manner) });
  send({ type: "message_stop" });
  response.end();
}

function answerResponse(
  response: ServerResponse,
  { input, output, searches }: Billing,
  { isCounted }: Manner,
): void {
  const search = { type: "web_search_call", status: "completed", action: { type: "search", query: "q" } };
  const opened = { ...search, action: { type: "open_page", url: "https://example.com" } };
  const said = { type: "message", role: "assistant", content: [{ type: "output_text", text: "Found." }] };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      object: "response",
      status: "completed",
      output: [...Array.from({ length: searches }, () => search), opened, said],
      usage: { input_tokens: input, output_tokens: output, total_tokens: input + output },
      ...(isCounted ? { tool_usage: { web_search: { num_requests: searches } } } : {}),
    }),
  );
}
