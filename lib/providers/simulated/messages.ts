import { z } from "zod";
import { askedSearches, inputWithSearches, type Search } from "./asked-searches";
import { callsFor } from "./chosen-calls";
import { countPiecesIn } from "./count-messages";
import { MOST_STOP_SEQUENCES, type Reply, replyFor } from "./reply";
import type { SimulatedSettings } from "./settings";
import type { Pace } from "./stream";

const MessageRequest = z.looseObject({
  model: z.string(),
  max_tokens: z.int().positive(),
  messages: z.array(z.unknown()).min(1),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.unknown().optional(),
  system: z.union([z.string(), z.array(z.unknown())]).nullish(),
  stop_sequences: z.array(z.string()).max(MOST_STOP_SEQUENCES).nullish(),
  stream: z.boolean().nullish(),
});

type Block =
  | { type: "text"; text: string }
  | { type: "tool_use" | "server_tool_use"; id: string; name: string; input: unknown }
  | { type: "web_search_tool_result"; tool_use_id: string; content: readonly object[] };

/** A message as Anthropic answers it. */
type Message = {
  id: string;
  type: "message";
  role: "assistant";
  model: string;
  content: readonly Block[];
  stop_reason: "end_turn" | "max_tokens" | "stop_sequence" | "tool_use";
  stop_sequence: string | null;
  usage: {
    input_tokens: number;
    output_tokens: number;
    server_tool_use?: { web_search_requests: number };
  };
};

type Said = { message: Message; pieces: readonly string[]; isStream: boolean };

/**
 * Answers a request for a message. The text depends only on the model and the messages. The usage is exact, counted in
 * pieces (reply.ts) over the texts of the system prompt and the messages, and over the answer.
 * @returns the answer, or what is wrong with the request
 */
export function simulatedMessage(
  body: unknown,
  { reply_tokens }: Pick<SimulatedSettings, "reply_tokens">,
  requestId: string,
): Said | { fault: string } {
  const parsed = MessageRequest.safeParse(body);
  if (!parsed.success) return { fault: z.prettifyError(parsed.error) };
  const { model, messages, tools, system, max_tokens: maxPieces, stop_sequences: stop, stream } = parsed.data;
  const seed = `${model}${JSON.stringify(messages)}`;
  const calls = callsFor(messages, tools ?? [], "custom", parsed.data.tool_choice);
  const reply = replyFor(seed, reply_tokens, { maxPieces, stop: stop ?? [], calls });
  const searches = askedSearches(messages, tools ?? [], null);
  const id = requestId.replaceAll("-", "");
  const message: Message = {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model,
    content: [...searchBlocks(searches, id), ...blocksOf(reply, id)],
    stop_reason: stopReason(reply),
    stop_sequence: reply.stoppedBy,
    usage: {
      input_tokens: inputWithSearches(inputPieces(messages, system), searches),
      output_tokens: reply.outputTokens,
      ...(searches.length === 0 ? {} : { server_tool_use: { web_search_requests: searches.length } }),
    },
  };
  return { message, pieces: reply.pieces, isStream: stream === true };
}

const inputPieces = (messages: readonly unknown[], system: unknown): number =>
  Math.max(1, countPiecesIn([...messages, { content: system ?? "" }]));

const CountRequest = z.looseObject({ messages: z.array(z.unknown()), system: z.unknown().optional() });

/** Counts the input of a request as its usage does. */
export function simulatedCount(body: unknown): { input_tokens: number } {
  const { messages, system } = CountRequest.catch({ messages: [], system: null }).parse(body);
  return { input_tokens: inputPieces(messages, system) };
}

const searchBlocks = (searches: readonly Search[], id: string): Block[] =>
  searches.flatMap(({ query, title, url }, at): Block[] => {
    const tool_use_id = `srvtoolu_${id}_${at}`;
    const result = { type: "web_search_result", title, url, encrypted_content: "", page_age: null };
    return [
      { type: "server_tool_use", id: tool_use_id, name: "web_search", input: { query } },
      { type: "web_search_tool_result", tool_use_id, content: [result] },
    ];
  });

function blocksOf({ calls, pieces }: Reply, id: string): Block[] {
  if (calls.length === 0) return [{ type: "text", text: pieces.join("") }];
  return calls.map(({ name, argumentsJson }, at) => ({
    type: "tool_use",
    id: `toolu_${id}_${at}`,
    name,
    input: JSON.parse(argumentsJson),
  }));
}

function stopReason({ finishReason, stoppedBy }: Reply): Message["stop_reason"] {
  if (finishReason === "tool_calls") return "tool_use";
  if (finishReason === "length") return "max_tokens";
  return stoppedBy === null ? "end_turn" : "stop_sequence";
}

/** The same as events: the output is counted at the end. */
export async function* messageEvents(
  { message, pieces }: Said,
  pace: Pace,
): AsyncGenerator<string, undefined> {
  const { content, stop_reason, stop_sequence, usage, ...rest } = message;
  const beginning = { ...rest, content: [], stop_reason: null, stop_sequence: null };
  yield event("message_start", { message: { ...beginning, usage: { ...usage, output_tokens: 0 } } });
  for (const [index, block] of content.entries()) {
    const { begun, deltas } = inParts(block, pieces);
    yield event("content_block_start", { index, content_block: begun });
    if (index === 0) yield event("ping", {});
    for (const delta of deltas) {
      await pace();
      yield event("content_block_delta", { index, delta });
    }
    yield event("content_block_stop", { index });
  }
  yield event("message_delta", { delta: { stop_reason, stop_sequence }, usage });
  yield event("message_stop", {});
}

/** How a block begins, and what follows. */
function inParts(block: Block, pieces: readonly string[]): { begun: object; deltas: readonly object[] } {
  switch (block.type) {
    case "text":
      return { begun: { ...block, text: "" }, deltas: pieces.map((text) => ({ type: "text_delta", text })) };
    case "web_search_tool_result":
      return { begun: block, deltas: [] };
    default: {
      const delta = { type: "input_json_delta", partial_json: JSON.stringify(block.input) };
      return { begun: { ...block, input: {} }, deltas: [delta] };
    }
  }
}

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
