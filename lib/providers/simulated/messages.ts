import { z } from "zod";
import { countPiecesIn } from "./count-messages";
import { replyFor } from "./reply";
import type { SimulatedSettings } from "./settings";
import type { Pace } from "./stream";

const MessageRequest = z.looseObject({
  model: z.string(),
  max_tokens: z.int().positive(),
  messages: z.array(z.unknown()).min(1),
  system: z.union([z.string(), z.array(z.unknown())]).nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  stream: z.boolean().nullish(),
});

/** A message as Anthropic answers it. */
type Message = {
  id: string;
  type: "message";
  role: "assistant";
  model: string;
  content: readonly { type: "text"; text: string }[];
  stop_reason: "end_turn" | "max_tokens" | "stop_sequence";
  stop_sequence: string | null;
  usage: { input_tokens: number; output_tokens: number };
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
  const { model, messages, system, max_tokens: maxPieces, stop_sequences: stop, stream } = parsed.data;
  const seed = `${model}${JSON.stringify(messages)}`;
  const { pieces, finishReason, stoppedBy } = replyFor(seed, reply_tokens, { maxPieces, stop: stop ?? [] });
  const message: Message = {
    id: `msg_${requestId.replaceAll("-", "")}`,
    type: "message",
    role: "assistant",
    model,
    content: [{ type: "text", text: pieces.join("") }],
    stop_reason: finishReason === "length" ? "max_tokens" : stoppedBy === null ? "end_turn" : "stop_sequence",
    stop_sequence: stoppedBy,
    usage: {
      input_tokens: Math.max(1, countPiecesIn([...messages, { content: system ?? "" }])),
      output_tokens: pieces.length,
    },
  };
  return { message, pieces, isStream: stream === true };
}

/** The same as events: the output is counted at the end. */
export async function* messageEvents(
  { message, pieces }: Said,
  pace: Pace,
): AsyncGenerator<string, undefined> {
  const { content: _, stop_reason, stop_sequence, usage, ...rest } = message;
  const beginning = { ...rest, content: [], stop_reason: null, stop_sequence: null };
  yield event("message_start", { message: { ...beginning, usage: { ...usage, output_tokens: 0 } } });
  yield event("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
  yield event("ping", {});
  for (const text of pieces) {
    await pace();
    yield event("content_block_delta", { index: 0, delta: { type: "text_delta", text } });
  }
  yield event("content_block_stop", { index: 0 });
  yield event("message_delta", { delta: { stop_reason, stop_sequence }, usage });
  yield event("message_stop", {});
}

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
