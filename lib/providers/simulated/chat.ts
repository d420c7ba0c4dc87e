import { z } from "zod";
import type { ToolCall } from "./asked-calls";
import { callsFor } from "./chosen-calls";
import { countPiecesIn } from "./count-messages";
import { shortSeed } from "./random";
import { MOST_STOP_SEQUENCES, type Reply, replyFor } from "./reply";
import type { Pace } from "./stream";

const bound = z.int().positive().nullish();
const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(z.unknown()).min(1),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.unknown().optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: bound,
  max_completion_tokens: bound,
  stop: z.union([z.string(), z.array(z.string()).max(MOST_STOP_SEQUENCES)]).nullish(),
  n: z.int().min(1).max(128).nullish(),
});

type SimulatedChat = {
  isStream: boolean;
  includeUsage: boolean;
  completion: ReturnType<typeof completionOf>;
  replies: readonly Reply[];
};

/**
 * Answers a chat completion: `prompt_tokens` are counted over the text of the messages, `completion_tokens` over the
 * answers.
 * @returns the answer, or what is wrong with the request
 */
export function simulatedChat(
  body: unknown,
  replyTokens: number,
  requestId: string,
): SimulatedChat | { fault: string } {
  const parsed = ChatRequest.safeParse(body);
  if (!parsed.success) return { fault: z.prettifyError(parsed.error) };
  const { model, messages, tools, stop, n, stream, stream_options: options } = parsed.data;
  const limits = {
    maxPieces: parsed.data.max_completion_tokens ?? parsed.data.max_tokens ?? null,
    stop: typeof stop === "string" ? [stop] : (stop ?? []),
    calls: callsFor(messages, tools ?? [], "function", parsed.data.tool_choice),
  };
  const seed = shortSeed(model + JSON.stringify(messages));
  const replies = Array.from({ length: n ?? 1 }, (_, index) =>
    replyFor(`${seed}${index}`, replyTokens, limits),
  );
  const id = requestId.replaceAll("-", "");
  const completion = completionOf(model, id, replies, Math.max(1, countPiecesIn(messages)));
  return {
    isStream: stream ?? false,
    includeUsage: options?.include_usage === true,
    completion,
    replies,
  };
}

function completionOf(model: string, id: string, replies: readonly Reply[], promptTokens: number) {
  const completionTokens = replies.reduce((sum, reply) => sum + reply.outputTokens, 0);
  return {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model,
    choices: replies.map(({ pieces, calls, finishReason }, index) => ({
      index,
      message: {
        role: "assistant",
        content: calls.length === 0 ? pieces.join("") : null,
        refusal: null,
        ...(calls.length === 0 ? {} : { tool_calls: calls.map((call, at) => callOf(call, `${id}_${at}`)) }),
      },
      logprobs: null,
      finish_reason: finishReason,
    })),
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}

const callOf = ({ name, argumentsJson }: ToolCall, id: string) => ({
  id: `call_${id}`,
  type: "function",
  function: { name, arguments: argumentsJson },
});

/** The same as events. */
export async function* chatEvents(
  { completion, replies, includeUsage }: SimulatedChat,
  pace: Pace,
): AsyncGenerator<string, undefined> {
  const { choices, usage, ...rest } = completion;
  const base = { ...rest, object: "chat.completion.chunk" };
  const event = (said: unknown[], counted: typeof usage | null = null) =>
    `data: ${JSON.stringify(includeUsage ? { ...base, choices: said, usage: counted } : { ...base, choices: said })}\n\n`;
  const choice = (index: number, delta: object, finishReason: string | null = null) => [
    { index, delta, logprobs: null, finish_reason: finishReason },
  ];
  for (const { index, message } of choices) {
    const { role, tool_calls: calls = [], refusal } = message;
    yield event(choice(index, { role, content: calls.length === 0 ? "" : null, refusal }));
    for (const [at, call] of calls.entries()) {
      const opening = { ...call.function, arguments: "" };
      yield event(choice(index, { tool_calls: [{ index: at, ...call, function: opening }] }));
      await pace();
      const rest = { index: at, function: { arguments: call.function.arguments } };
      yield event(choice(index, { tool_calls: [rest] }));
    }
  }
  const longest = Math.max(...replies.map((reply) => reply.pieces.length));
  for (let at = 0; at < longest; at++) {
    for (const [index, reply] of replies.entries()) {
      const piece = reply.pieces[at];
      if (piece === undefined) continue;
      await pace();
      yield event(choice(index, { content: piece }));
    }
  }
  for (const { index, finish_reason } of choices) yield event(choice(index, {}, finish_reason));
  if (includeUsage) yield event([], usage);
  yield "data: [DONE]\n\n";
}
