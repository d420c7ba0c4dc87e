import { chatAnswer, wordsOf } from "#lib/testing/upstream/chat-answer";
import type { ChatContent } from "#lib/testing/upstream/scenario";

/** Endpoints whose streams are compared with chat's. */
export type OtherEndpoint = "messages" | "responses";

/** The usage of an answer with `output` tokens, as both endpoints name it. */
const usageOf = (inputTokens: number, outputTokens: number) => ({
  input_tokens: inputTokens,
  output_tokens: outputTokens,
});

/**
 * The same words as a stream of another endpoint, in the pieces that are written one by one. Each event of a word has as
 * many bytes as chat's.
 */
export function otherStream(
  endpoint: OtherEndpoint,
  content: ChatContent,
  { model, inputTokens }: { model: string; inputTokens: number },
): Buffer[] {
  const sized = wordsLikeChat(content, model);
  const usage = usageOf(inputTokens, sized.length);
  const events =
    endpoint === "messages" ? messageEvents(model, sized, usage) : responseEvents(model, sized, usage);
  return events.map((text) => Buffer.from(text));
}

type Sized = { word: string; bytes: number };

/** An answer's words, and the bytes that chat's event of each has. */
export function wordsLikeChat(content: ChatContent, model: string): Sized[] {
  const chat = chatAnswer(content, { model, stream: true, includeUsage: true, maxTokens: null });
  // The first event names the role.
  return wordsOf(content).map((word, at) => ({ word, bytes: chat.pieces[at + 1]?.length ?? 0 }));
}
type Counted = ReturnType<typeof usageOf>;

const event = (type: string, fields: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

/** The event with as many spaces as make it `bytes` long. */
function padded(bytes: number, make: (padding: string) => string): string {
  return make(" ".repeat(Math.max(0, bytes - make("").length)));
}

/** The same for JSON, with the spaces before the last brace: they are not part of the answer. */
export const paddedWithin = (bytes: number, text: string): string =>
  padded(bytes, (padding) => text.replace(/}(\s*)$/, `${padding}}$1`));

function messageEvents(model: string, sized: readonly Sized[], usage: Counted): string[] {
  const message = { id: "msg_fake", type: "message", role: "assistant", model, content: [] };
  return [
    event("message_start", {
      message: { ...message, stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } },
    }),
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    ...sized.map(({ word, bytes }) =>
      paddedWithin(
        bytes,
        event("content_block_delta", { index: 0, delta: { type: "text_delta", text: word } }),
      ),
    ),
    event("content_block_stop", { index: 0 }),
    event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage }),
    event("message_stop", {}),
  ];
}

function responseEvents(model: string, sized: readonly Sized[], usage: Counted): string[] {
  const response = { id: "resp_fake", object: "response", model, output: [], error: null, store: false };
  const place = { item_id: "msg_fake", output_index: 0, content_index: 0 };
  const item = { type: "message", id: "msg_fake", status: "completed", role: "assistant" };
  const part = { type: "output_text", text: sized.map(({ word }) => word).join(""), annotations: [] };
  const whole = { ...item, content: [part] };
  return [
    event("response.created", { response: { ...response, status: "in_progress", usage: null } }),
    event("response.output_item.added", { output_index: 0, item: { ...item, content: [] } }),
    event("response.content_part.added", { ...place, part: { ...part, text: "" } }),
    ...sized.map(({ word, bytes }) =>
      padded(bytes, (obfuscation) =>
        event("response.output_text.delta", { ...place, delta: word, logprobs: [], obfuscation }),
      ),
    ),
    event("response.output_text.done", { ...place, text: part.text, logprobs: [] }),
    event("response.content_part.done", { ...place, part }),
    event("response.output_item.done", { output_index: 0, item: whole }),
    event("response.completed", {
      response: {
        ...response,
        status: "completed",
        output: [whole],
        usage: { ...usage, total_tokens: usage.input_tokens + usage.output_tokens },
      },
    }),
  ];
}
