import { z } from "zod";
import { askedSearches, inputWithSearches, type Search } from "./asked-searches";
import { callsFor } from "./chosen-calls";
import { countPiecesIn } from "./count-messages";
import { countPieces, type Reply, replyFor } from "./reply";
import type { Pace } from "./stream";

const ResponsesRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.unknown()).min(1)]),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.unknown().optional(),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().positive().nullish(),
  max_tool_calls: z.int().positive().nullish(),
});

/** An answer: the whole response, and the text of its message in pieces. */
type SimulatedResponse = {
  isStream: boolean;
  response: ReturnType<typeof responseOf>;
  reply: Reply;
};

/**
 * Answers a response. The text depends only on the model and the input, and the usage is exact, counted in pieces
 * (reply.ts).
 * @returns the answer, or what is wrong with the request
 */
export function simulatedResponse(
  body: unknown,
  replyTokens: number,
  requestId: string,
): SimulatedResponse | { fault: string } {
  const parsed = ResponsesRequest.safeParse(body);
  if (!parsed.success) return { fault: z.prettifyError(parsed.error) };
  const { model, input, tools, instructions, stream, max_output_tokens: maxPieces } = parsed.data;
  const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
  const reply = replyFor(`${model}${instructions ?? ""}${JSON.stringify(input)}`, replyTokens, {
    maxPieces: maxPieces ?? null,
    stop: [],
    calls: callsFor(items, tools ?? [], "function", parsed.data.tool_choice),
  });
  const searches = askedSearches(items, tools ?? [], parsed.data.max_tool_calls ?? null);
  const inputTokens = Math.max(1, countPiecesIn(items) + countPieces(instructions ?? ""));
  const read = { inputTokens: inputWithSearches(inputTokens, searches), searches };
  const response = responseOf(model, requestId.replaceAll("-", ""), reply, read);
  return { isStream: stream ?? false, response, reply };
}

function responseOf(
  model: string,
  id: string,
  reply: Reply,
  { inputTokens, searches }: { inputTokens: number; searches: readonly Search[] },
) {
  const isCut = reply.finishReason === "length";
  const status = isCut ? "incomplete" : "completed";
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status,
    error: null,
    incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
    model,
    output: [
      ...searches.map((search, at) => searchItem(search, `ws_${id}_${at}`)),
      ...outputOf(id, reply, status),
    ],
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    tool_choice: "auto",
    tools: [],
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: reply.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + reply.outputTokens,
    },
    ...(searches.length === 0 ? {} : { tool_usage: { web_search: { num_requests: searches.length } } }),
  };
}

const partOf = (text: string) => ({ type: "output_text", text, annotations: [] });

type MessageItem = {
  type: "message";
  id: string;
  status: string;
  role: "assistant";
  content: ReturnType<typeof partOf>[];
};
type CallItem = {
  type: "function_call";
  id: string;
  status: string;
  call_id: string;
  name: string;
  arguments: string;
};

const searchItem = ({ query, url }: Search, id: string) => ({
  type: "web_search_call" as const,
  id,
  status: "completed",
  action: { type: "search", query, queries: [query], sources: [{ type: "url", url }] },
});
type SearchItem = ReturnType<typeof searchItem>;

function outputOf(id: string, { calls, pieces }: Reply, status: string): (MessageItem | CallItem)[] {
  if (calls.length === 0) {
    const content = [partOf(pieces.join(""))];
    return [{ type: "message", id: `msg_${id}`, status, role: "assistant", content }];
  }
  return calls.map(({ name, argumentsJson }, at) => ({
    type: "function_call",
    id: `fc_${id}_${at}`,
    status,
    call_id: `call_${id}_${at}`,
    name,
    arguments: argumentsJson,
  }));
}

type Emit = (type: string, fields: object) => string;

/** The same as events. */
export async function* responseEvents(
  { response, reply }: SimulatedResponse,
  pace: Pace,
): AsyncGenerator<string, undefined> {
  let sequence = 0;
  const event: Emit = (type, fields) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
  const begun = { ...response, status: "in_progress", incomplete_details: null, output: [], usage: null };
  yield event("response.created", { response: begun });
  yield event("response.in_progress", { response: begun });
  for (const [at, item] of response.output.entries()) {
    const added = { ...item, status: "in_progress", ...emptied(item) };
    yield event("response.output_item.added", { output_index: at, item: added });
    if (item.type === "message") yield* textEvents(item, at, { pieces: reply.pieces, event, pace });
    else if (item.type === "function_call") yield* argumentEvents(item, at, event, pace);
    else yield event("response.web_search_call.completed", { output_index: at, item_id: item.id });
    yield event("response.output_item.done", { output_index: at, item });
  }
  yield event(`response.${response.status}`, { response });
}

/** What an item that is added does not have yet. */
function emptied({ type }: MessageItem | CallItem | SearchItem): object {
  if (type === "message") return { content: [] };
  return type === "function_call" ? { arguments: "" } : { action: undefined };
}

async function* textEvents(
  item: MessageItem,
  at: number,
  { pieces, event, pace }: { pieces: readonly string[]; event: Emit; pace: Pace },
): AsyncGenerator<string, undefined> {
  const place = { item_id: item.id, output_index: at, content_index: 0 };
  const text = pieces.join("");
  yield event("response.content_part.added", { ...place, part: partOf("") });
  for (const delta of pieces) {
    await pace();
    yield event("response.output_text.delta", { ...place, delta });
  }
  yield event("response.output_text.done", { ...place, text });
  yield event("response.content_part.done", { ...place, part: partOf(text) });
}

async function* argumentEvents(
  item: CallItem,
  at: number,
  event: Emit,
  pace: Pace,
): AsyncGenerator<string, undefined> {
  const place = { item_id: item.id, output_index: at };
  await pace();
  yield event("response.function_call_arguments.delta", { ...place, delta: item.arguments });
  yield event("response.function_call_arguments.done", { ...place, arguments: item.arguments });
}
