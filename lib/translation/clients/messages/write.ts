import { eventOf } from "#lib/dialects/events/event-payloads";
import { MESSAGE_STOP, namedEvent } from "#lib/dialects/messages/event-names";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { isPartial } from "#lib/dialects/usage";
import type { Delta, FinishReason, Reported, Writer } from "#lib/translation/delta";
import { sealedEnvelope } from "#lib/translation/envelope";
import type { WriteOptions } from "#lib/translation/format";
import { callsInTurn } from "./calls-in-turn";
import { citationOf } from "./citations";

const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  calls: "tool_use",
  filter: "refusal",
};

type Kind = "text" | "thinking" | "tool_use" | "image";
const EMPTY: Readonly<Record<"text" | "thinking", JsonObject>> = {
  text: { type: "text", text: "" },
  thinking: { type: "thinking", thinking: "", signature: "" },
};

/** Writes a message's events. */
export function messagesWriter({ requestId, model }: WriteOptions): Writer {
  let isStarted = false;
  let index = -1;
  let open: Kind | null = null;
  /** Whether what is said next has a block of its own. */
  let isEnded = false;
  let finish: { reason: FinishReason; stopSequence: string | null } | null = null;

  function started(): string {
    if (isStarted) return "";
    isStarted = true;
    const message = {
      id: `msg_${requestId}`,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    };
    return namedEvent({ type: "message_start", message });
  }

  function closed(): string {
    if (open === null) return "";
    open = null;
    return namedEvent({ type: "content_block_stop", index });
  }

  function opened(kind: Kind, block: JsonObject): string {
    const before = started() + closed();
    open = kind;
    isEnded = false;
    index += 1;
    return before + namedEvent({ type: "content_block_start", index, content_block: block });
  }

  const within = (kind: "text" | "thinking"): string =>
    open === kind && !isEnded ? "" : opened(kind, EMPTY[kind]);

  /** All such events begin so: only the text is serialized for each. */
  const delta = (type: string, field: string, text: string): string =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":${JSON.stringify(text)}}}\n\n`;

  function write(said: Delta): string {
    switch (said.kind) {
      case "text":
        return said.text === "" ? "" : within("text") + delta("text_delta", "text", said.text);
      case "think":
        return said.text === "" ? "" : within("thinking") + delta("thinking_delta", "thinking", said.text);
      case "seal":
        // One of a call, or of a text, has a block of its own.
        return (
          within("thinking") + delta("signature_delta", "signature", sealedEnvelope(said.seal)) + closed()
        );
      case "cite":
        // A citation belongs to the text before it.
        if (open !== "text") return "";
        isEnded = true;
        return namedEvent({
          type: "content_block_delta",
          index,
          delta: { type: "citations_delta", citation: citationOf(said.citation) },
        });
      case "image": {
        const source = { type: "base64", media_type: said.mediaType, data: said.base64 };
        return opened("image", { type: "image", source });
      }
      case "part":
        isEnded = true;
        return "";
      case "call":
        return opened("tool_use", { type: "tool_use", id: said.id, name: said.name, input: {} });
      case "args":
        return said.json === "" ? "" : delta("input_json_delta", "partial_json", said.json);
      case "finish":
        finish = said;
        return started() + closed();
      case "error":
        return `event: error\n${eventOf({ type: "error", error: said.detail })}`;
    }
  }

  return {
    write: callsInTurn(write),
    end(reported) {
      if (finish === null) return "";
      const { reason, stopSequence } = finish;
      const ended = {
        stop_reason: stopSequence === null ? REASONS[reason] : "stop_sequence",
        stop_sequence: stopSequence,
      };
      return (
        namedEvent({ type: "message_delta", delta: ended, usage: usageOf(reported) }) +
        MESSAGE_STOP.toString()
      );
    },
  };
}

/** Anthropic counts what a cache has apart from the rest of the input. */
function usageOf(reported: Reported | null): JsonObject {
  if (reported === null || isPartial(reported.usage)) return { input_tokens: 0, output_tokens: 0 };
  const { inputTokens, cachedTokens, cacheWriteTokens, cacheWrite1hTokens, outputTokens, reasoningTokens } =
    reported.usage;
  return {
    input_tokens: Math.max(0, inputTokens - cachedTokens - cacheWriteTokens),
    cache_read_input_tokens: cachedTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    ...(cacheWriteTokens === 0
      ? {}
      : {
          cache_creation: {
            ephemeral_5m_input_tokens: cacheWriteTokens - cacheWrite1hTokens,
            ephemeral_1h_input_tokens: cacheWrite1hTokens,
          },
        }),
    output_tokens: outputTokens,
    ...(reasoningTokens === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}
