import { DONE } from "#lib/dialects/choices/done";
import { eventOf } from "#lib/dialects/events/event-payloads";
import { isPartial } from "#lib/dialects/usage";
import { type Citation, citedUrl } from "#lib/translation/citation";
import type { Delta, FinishReason, Reported, Writer } from "#lib/translation/delta";
import { idWithSeal, type Seal, sealedEnvelope } from "#lib/translation/envelope";
import type { WriteOptions } from "#lib/translation/format";

const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  calls: "tool_calls",
  filter: "content_filter",
};

type Frame = { id: string; object: string; created: number; model: string };
type TextField = "content" | "reasoning_content";
const DATA = "data:";
const AFTER_TEXT = '},"finish_reason":null}]}';

/** Writes a chat completion's chunks, the usage among them; its meter drops that where the client did not ask. */
export function chatWriter({ requestId, model, customTools }: WriteOptions): Writer {
  const frame: Frame = {
    id: `chatcmpl-${requestId}`,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model,
  };
  const begun = (): string => JSON.stringify(frame).slice(0, -1);
  let known = "";
  /** All chunks begin so: only what follows is serialized for each. */
  const head = (): string => {
    if (known === "") known = `${DATA} ${begun()},"choices":[{"index":0,"delta":`;
    return known;
  };
  const customCalls = new Set<number>();
  /** The text that was written last, if it is alone in its event. */
  let plainText: string | null = null;
  let isOpen = false;
  let isFinished = false;
  /** A proof for what follows. */
  let seal: Seal | null = null;

  function chunk(delta: object, reason: string | null = null): string {
    plainText = null;
    const opened = isOpen ? delta : { role: "assistant", content: "", ...delta };
    isOpen = true;
    return `${head()}${JSON.stringify(opened)},"finish_reason":${JSON.stringify(reason)}}]}\n\n`;
  }

  /** The same for a text, which most chunks are: as text it costs a fraction. */
  const textChunk = (field: TextField, text: string): string => {
    if (!isOpen) return chunk({ [field]: text });
    if (text === "") return "";
    plainText = text;
    return `${head()}{"${field}":${JSON.stringify(text)}${AFTER_TEXT}\n\n`;
  };
  function takePlain(): string | null {
    const taken = plainText;
    plainText = null;
    return taken;
  }

  function callChunk(index: number, id: string, name: string): string {
    const sealed = seal === null ? id : idWithSeal(id, seal);
    seal = null;
    if (!customTools.has(name))
      return chunk({
        tool_calls: [{ index, id: sealed, type: "function", function: { name, arguments: "" } }],
      });
    customCalls.add(index);
    return chunk({ tool_calls: [{ index, id: sealed, type: "custom", custom: { name, input: "" } }] });
  }

  function write(delta: Delta): string {
    switch (delta.kind) {
      case "text":
        return textChunk("content", delta.text);
      case "think":
        return textChunk("reasoning_content", delta.text);
      case "seal": {
        seal = delta.seal;
        const data = sealedEnvelope(delta.seal);
        return chunk({ reasoning_details: [{ type: "reasoning.encrypted", data }] });
      }
      case "cite": {
        const cited = annotation(delta.citation);
        return cited === null ? "" : chunk({ annotations: [cited] });
      }
      case "image": {
        // One before a picture is the picture's.
        seal = null;
        const url = `data:${delta.mediaType};base64,${delta.base64}`;
        return chunk({ images: [{ type: "image_url", image_url: { url } }] });
      }
      case "part":
        return "";
      case "call":
        return callChunk(delta.index, delta.id, delta.name);
      case "args": {
        const { index, json } = delta;
        const part = customCalls.has(index) ? { custom: { input: json } } : { function: { arguments: json } };
        return chunk({ tool_calls: [{ index, ...part }] });
      }
      case "finish":
        isFinished = true;
        return chunk({}, REASONS[delta.reason]);
      case "error":
        return eventOf({ error: delta.detail });
    }
  }

  return {
    write,
    end(reported) {
      if (!isFinished) return "";
      const usage = usageJson(reported);
      const counted = usage === null ? "" : `${DATA} ${begun()},"choices":[],"usage":${usage}}\n\n`;
      return counted + DONE.toString();
    },
    plainWhole: (deltas, reported) => plainWhole(frame, deltas, reported),
    takePlain,
  };
}

/** An answer of texts alone, and its end; null for any other, also for one without content. */
function plainWhole(
  { id, created, model }: Frame,
  deltas: readonly Delta[],
  reported: Reported | null,
): string | null {
  let content = "";
  let reasoning: string | undefined;
  let reason: FinishReason | null = null;
  for (const delta of deltas) {
    if (delta.kind === "text") content += delta.text;
    else if (delta.kind === "think" && delta.text !== "") reasoning = (reasoning ?? "") + delta.text;
    else if (delta.kind === "finish") reason = delta.reason;
    else return null;
  }
  if (reason === null || content === "") return null;
  // As text, like chunks.
  const thought = reasoning === undefined ? "" : `,"reasoning_content":${JSON.stringify(reasoning)}`;
  const message = `{"role":"assistant","content":${JSON.stringify(content)}${thought}}`;
  const choices = `[{"index":0,"finish_reason":"${REASONS[reason]}","message":${message}}]`;
  const usage = usageJson(reported);
  const counted = usage === null ? "" : `,"usage":${usage}`;
  const answered = `"model":${JSON.stringify(model)},"choices":${choices}${counted}`;
  return `{"id":"${id}","object":"chat.completion","created":${created},${answered}}`;
}

/** The dialect has pages of the web alone. */
function annotation({ span, source }: Citation): object | null {
  const page = citedUrl(source);
  if (page === null) return null;
  const { url, title } = page;
  const cited = { start_index: span.start, end_index: span.end, url, title: title ?? url };
  return { type: "url_citation", url_citation: cited };
}

/** As JSON text: a usage is numbers alone. */
function usageJson(reported: Reported | null): string | null {
  if (reported === null || isPartial(reported.usage)) return null;
  const { inputTokens, outputTokens, cachedTokens, cacheWriteTokens, reasoningTokens } = reported.usage;
  const counts = `"prompt_tokens":${inputTokens},"completion_tokens":${outputTokens},"total_tokens":${inputTokens + outputTokens}`;
  const written = cacheWriteTokens === 0 ? "" : `,"cache_write_tokens":${cacheWriteTokens}`;
  const input = `"prompt_tokens_details":{"cached_tokens":${cachedTokens}${written}}`;
  const output = `"completion_tokens_details":{"reasoning_tokens":${reasoningTokens}}`;
  return `{${counts},${input},${output}}`;
}
