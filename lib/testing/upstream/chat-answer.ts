import { draw } from "./draw";
import type { Asked, ChatContent } from "./scenario";

/** An answer before framing: the body in the pieces that are written one by one. */
export type Answer = { status: number; headers: Record<string, string>; pieces: Buffer[] };

const CREATED_S = 1_750_000_000;
const DEFAULT_TEXT = "Hello from the fake upstream.";

/** The words of a scenario's answer, each with the space before it. */
export function wordsOf(content: ChatContent): string[] {
  if (content.chunks !== undefined) {
    return Array.from({ length: draw(content.chunks) }, (_, at) => `${at === 0 ? "" : " "}word${at}`);
  }
  return (content.text ?? DEFAULT_TEXT).match(/\s*\S+/gu) ?? [];
}

/** The usage that the scenario reports: 9 input tokens and one output token per word, unless it gives another. */
export function usageOf(content: ChatContent): Record<string, unknown> | null {
  if (content.usage !== undefined) return content.usage;
  const outputTokens = wordsOf(content).length;
  return {
    prompt_tokens: 9,
    completion_tokens: outputTokens,
    total_tokens: 9 + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

/** A chat completion in the shape of api.openai.com, whole or as server-sent events. */
export function chatAnswer(content: ChatContent, asked: Asked): Answer {
  const asStream = content.answerAs === undefined ? asked.stream : content.answerAs === "stream";
  return asStream ? streamedAnswer(content, asked) : wholeAnswer(content, asked);
}

function wholeAnswer(content: ChatContent, asked: Asked): Answer {
  const message = { role: "assistant", content: wordsOf(content).join(""), refusal: null, annotations: [] };
  const usage = usageOf(content);
  const body = JSON.stringify({
    id: "chatcmpl-fake",
    object: "chat.completion",
    created: CREATED_S,
    model: asked.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: content.finish ?? "stop" }],
    ...(usage === null ? {} : { usage }),
    service_tier: "default",
    system_fingerprint: "fp_fake",
  });
  return {
    status: 200,
    headers: { "content-type": "application/json", ...content.headers },
    pieces: [Buffer.from(body)],
  };
}

function streamedAnswer(content: ChatContent, asked: Asked): Answer {
  const placement = content.usagePlacement ?? "if_asked";
  const usage = usageOf(content);
  const ownUsageChunk =
    usage !== null && (placement === "always" || (placement === "if_asked" && asked.includeUsage));
  // With include_usage, OpenAI adds `"usage": null` to every chunk before the one with the usage.
  const nullUsage = ownUsageChunk ? { usage: null } : {};
  const choice = (delta: object, finish: string | null) => ({
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const words = wordsOf(content);
  const kept = content.errorEventAfter === undefined ? words : words.slice(0, content.errorEventAfter);
  const events: string[] = [];
  if (content.errorEventAfter !== 0) {
    events.push(
      event(asked, { ...choice({ role: "assistant", content: "", refusal: null }, null), ...nullUsage }),
    );
  }
  for (const word of kept) events.push(event(asked, { ...choice({ content: word }, null), ...nullUsage }));
  if (content.errorEventAfter !== undefined) {
    const error = {
      message: "The server had an error while processing your request.",
      type: "server_error",
      param: null,
      code: null,
    };
    events.push(`data: ${JSON.stringify({ error })}\n\n`);
  } else {
    const inLast = placement === "last_content_chunk" && usage !== null ? { usage } : nullUsage;
    events.push(event(asked, { ...choice({}, content.finish ?? "stop"), ...inLast }));
    if (ownUsageChunk) events.push(event(asked, { choices: [], usage }));
    if (content.done !== false) events.push("data: [DONE]\n\n");
  }
  return {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", ...content.headers },
    pieces: events.map((text) => Buffer.from(text)),
  };
}

/** One event of a stream: `rest` and the fields of every chunk. */
export function event(asked: Asked, rest: object): string {
  const chunk = {
    id: "chatcmpl-fake",
    object: "chat.completion.chunk",
    created: CREATED_S,
    model: asked.model,
    service_tier: "default",
    system_fingerprint: "fp_fake",
    ...rest,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
