import { typedEvent } from "#lib/dialects/events/event-payloads";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { isPartial } from "#lib/dialects/usage";
import { type Citation, characterCount, citedUrl } from "#lib/translation/citation";
import { cacheWrites } from "#lib/translation/clients/openai-fields";
import type { Delta, FinishReason, Reported, Writer } from "#lib/translation/delta";
import type { Seal } from "#lib/translation/envelope";
import type { WriteOptions } from "#lib/translation/format";
import {
  type Called,
  callItem,
  imageItem,
  messageItem,
  numberedEvents,
  type OutputItem,
  reasoningItem,
} from "./output-items";

/** Why a response that has ended is not complete. */
const INCOMPLETE: Readonly<Partial<Record<FinishReason, string>>> = {
  length: "max_output_tokens",
  filter: "content_filter",
};

/** Writes the events of a response, of which the last has all of it. */
export function responsesWriter({ requestId, model, turn }: WriteOptions): Writer {
  const emit = numberedEvents();
  const key = requestId.replaceAll("-", "");
  const items: OutputItem[] = [];
  const calls = new Map<number, OutputItem>();
  const tools = new Map(turn.tools.map((tool) => [tool.name, tool]));
  const frame = {
    id: `resp_${key}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    model,
    error: null,
    instructions: null,
    max_output_tokens: turn.maxTokens?.value ?? null,
    metadata: {},
    parallel_tool_calls: turn.parallelCalls?.value ?? true,
    previous_response_id: null,
    reasoning: { effort: turn.reasoning.effort?.value ?? null, summary: null },
    store: false,
    temperature: turn.temperature?.value ?? null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: turn.topP?.value ?? null,
    truncation: "disabled",
    user: null,
  };
  let isOpen = false;
  let finished: FinishReason | null = null;
  const characters = characterCount();
  /** The characters of the answer before the message that is being written. */
  let messageFrom = 0;
  /** The message or the reasoning that is being written. */
  let current: ReturnType<typeof messageItem> | ReturnType<typeof reasoningItem> | null = null;

  function opening(): string {
    if (isOpen) return "";
    isOpen = true;
    const response = { ...frame, status: "in_progress", incomplete_details: null, output: [], usage: null };
    return emit("response.created", { response }) + emit("response.in_progress", { response });
  }

  function place(prefix: string) {
    const outputIndex = items.length;
    return { id: `${prefix}_${key}${outputIndex}`, outputIndex, emit };
  }

  function closeCurrent(): string {
    const ended = current?.end() ?? "";
    current = null;
    return ended;
  }

  function begin<Item extends OutputItem>(item: Item): string {
    items.push(item);
    return item.begin();
  }

  function said(text: string): string {
    if (text === "") return "";
    if (current?.kind !== "message") messageFrom = characters.count();
    characters.add(text);
    return current?.kind === "message" ? current.add(text) : continued(messageItem(place("msg")), text);
  }

  /** The dialect has pages of the web alone, in the message that is being written. */
  function cited({ span, source }: Citation): string {
    const page = citedUrl(source);
    if (page === null || current === null || !("cite" in current) || span.end <= messageFrom) return "";
    const [start_index, end_index] = [span.start, span.end].map((at) => Math.max(0, at - messageFrom));
    const { url, title } = page;
    return current.cite({ type: "url_citation", start_index, end_index, url, title: title ?? url });
  }

  function thought(text: string): string {
    if (text === "") return "";
    return current?.kind === "reasoning" ? current.add(text) : continued(reasoningItem(place("rs")), text);
  }

  function continued(item: NonNullable<typeof current>, text: string): string {
    const closed = closeCurrent();
    current = item;
    return closed + begin(item) + item.add(text);
  }

  /** A proof is that of the reasoning before it, or else of what follows. */
  function sealed(seal: Seal): string {
    let events = "";
    if (current === null || !("seal" in current)) {
      events = closeCurrent();
      const item = reasoningItem(place("rs"));
      current = item;
      events += begin(item);
      item.seal(seal);
    } else current.seal(seal);
    return events + closeCurrent();
  }

  function called(index: number, callId: string, toolName: string): string {
    const closed = closeCurrent();
    const tool = tools.get(toolName);
    const namespace = tool?.namespace ?? null;
    const isCustom = (tool?.custom ?? null) !== null;
    const name = namespace === null ? toolName : toolName.slice(namespace.length + 2);
    const made: Called = { callId, name, namespace, isCustom };
    const item = callItem(place(isCustom ? "ctc" : "fc"), made);
    calls.set(index, item);
    return closed + begin(item);
  }

  function write(delta: Delta): string {
    if (delta.kind === "error") return typedEvent("error", { error: delta.detail });
    const opened = opening();
    switch (delta.kind) {
      case "text":
        return opened + said(delta.text);
      case "think":
        return opened + thought(delta.text);
      case "seal":
        return opened + sealed(delta.seal);
      case "cite":
        return opened + cited(delta.citation);
      case "image": {
        const closed = closeCurrent();
        const item = imageItem(place("ig"), delta);
        return opened + closed + begin(item) + item.end();
      }
      case "part":
        return opened;
      case "call":
        return opened + called(delta.index, delta.id, delta.name);
      case "args":
        return opened + (delta.json === "" ? "" : (calls.get(delta.index)?.add(delta.json) ?? ""));
      case "finish":
        finished = delta.reason;
        current = null;
        return opened + items.map((item) => item.end()).join("");
    }
  }

  return {
    write,
    end(reported) {
      if (finished === null) return "";
      const reason = INCOMPLETE[finished];
      const status = reason === undefined ? "completed" : "incomplete";
      const response: JsonObject = {
        ...frame,
        status,
        incomplete_details: reason === undefined ? null : { reason },
        output: items.map((item) => item.whole()),
        usage: usageOf(reported),
      };
      return emit(`response.${status}`, { response });
    },
  };
}

function usageOf(reported: Reported | null): JsonObject | null {
  if (reported === null || isPartial(reported.usage)) return null;
  const { inputTokens, cachedTokens, cacheWriteTokens, outputTokens, reasoningTokens } = reported.usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens, ...cacheWrites(cacheWriteTokens) },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
}
