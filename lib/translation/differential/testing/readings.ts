import type { LanguageModelV3FinishReason, LanguageModelV3Usage } from "@ai-sdk/provider";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { isPartial } from "#lib/dialects/usage";
import { decodeChat } from "#lib/translation/clients/chat/decode";
import type { Delta, Reported } from "#lib/translation/delta";
import { wireNamed } from "#lib/translation/testing/translate";
import { sdkHello } from "./asked";
import { sdkModel } from "./sdk";

/** An answer as a provider sends it, whole or as a stream of events. */
export type Answer = {
  wire: string;
  name: string;
  model: string;
  /** Null for what is only said in a stream. */
  whole: JsonObject | null;
  events: string;
  /** The same events on a wire with frames of its own. */
  frames?: Buffer;
};

/** What an answer says, as we or the AI SDK read it. */
export type Reading = {
  text: string;
  reasoning: string;
  calls: readonly { name: string; args: unknown }[];
  /** Why it ended; `error` if it has not. */
  finish: string;
  usage: Readonly<Record<"input" | "cached" | "cacheWrite" | "output" | "reasoning", number>> | null;
};

/** What our reader makes of an answer. */
export function readByUs({ wire, model, whole, events }: Answer, stream: boolean): Reading {
  const turn = decodeChat({ messages: [] });
  const options = { upstreamModel: model, scope: "abcdefgh", turn, toolNames: new Map<string, string>() };
  const reader = wireNamed(wire).reader(options);
  const deltas: Delta[] = [];
  if (!stream) reader.whole(whole, deltas);
  else {
    for (const event of events.trim().split("\n\n")) {
      const [, name = ""] = /^event: (.*)$/m.exec(event) ?? [];
      const [, payload = ""] = /^data: (.*)$/m.exec(event) ?? [];
      reader.event(payload, name, deltas);
    }
    reader.end(deltas);
  }
  const read = said();
  for (const delta of deltas) readDelta(delta, read);
  return readingOf(read, usageOf(reader.reported()));
}

/** What the AI SDK makes of it. */
export async function readBySdk(answer: Answer, stream: boolean): Promise<Reading> {
  const { wire, model, whole, events, frames } = answer;
  const body = !stream ? JSON.stringify(whole) : frames === undefined ? events : new Uint8Array(frames);
  const type = !stream ? "application/json" : frames === undefined ? "text/event-stream" : FRAMES;
  const language = sdkModel(
    wire,
    model,
    async () => new Response(body, { headers: { "content-type": type } }),
  );
  const options = { prompt: [sdkHello] };
  const read = said();
  let usage: LanguageModelV3Usage | null = null;
  if (!stream) {
    const result = await language.doGenerate(options);
    for (const part of result.content) {
      if (part.type === "text") read.text += part.text;
      if (part.type === "reasoning") read.reasoning += part.text;
      if (part.type === "tool-call") read.calls.push({ name: part.toolName, json: part.input });
    }
    read.finish = FINISHES[result.finishReason.unified];
    usage = result.usage;
  } else {
    for await (const part of (await language.doStream(options)).stream) {
      if (part.type === "text-delta") read.text += part.delta;
      if (part.type === "reasoning-delta") read.reasoning += part.delta;
      if (part.type === "tool-call") read.calls.push({ name: part.toolName, json: part.input });
      if (part.type === "error") read.hasFailed = true;
      if (part.type === "finish") {
        read.finish = FINISHES[part.finishReason.unified];
        usage = part.usage;
      }
    }
  }
  return readingOf(read, usageOfSdk(usage));
}

const FRAMES = "application/vnd.amazon.eventstream";
const FINISHES: Readonly<Record<LanguageModelV3FinishReason["unified"], string>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "calls",
  "content-filter": "filter",
  error: "error",
  other: "other",
};

type Said = {
  text: string;
  reasoning: string;
  calls: { name: string; json: string }[];
  finish: string;
  hasFailed: boolean;
};
const said = (): Said => ({ text: "", reasoning: "", calls: [], finish: "error", hasFailed: false });

function readDelta(delta: Delta, read: Said): void {
  switch (delta.kind) {
    case "text":
      read.text += delta.text;
      break;
    case "think":
      read.reasoning += delta.text;
      break;
    case "call":
      read.calls.push({ name: delta.name, json: "" });
      break;
    case "args": {
      const call = read.calls[delta.index];
      if (call !== undefined) call.json += delta.json;
      break;
    }
    case "finish":
      read.finish = delta.reason;
      break;
    case "error":
      read.hasFailed = true;
  }
}

const readingOf = (
  { text, reasoning, calls, finish, hasFailed }: Said,
  usage: Reading["usage"],
): Reading => ({
  text,
  reasoning,
  calls: calls.map(({ name, json }) => ({ name, args: parsedValue(json) })),
  finish: hasFailed ? "error" : finish,
  usage,
});

function usageOf(reported: Reported | null): Reading["usage"] {
  if (reported === null || isPartial(reported.usage)) return null;
  const { inputTokens, cachedTokens, cacheWriteTokens, outputTokens, reasoningTokens } = reported.usage;
  return {
    input: inputTokens,
    cached: cachedTokens,
    cacheWrite: cacheWriteTokens,
    output: outputTokens,
    reasoning: reasoningTokens,
  };
}

function usageOfSdk(usage: LanguageModelV3Usage | null): Reading["usage"] {
  if (usage?.inputTokens.total === undefined || usage.outputTokens.total === undefined) return null;
  return {
    input: usage.inputTokens.total,
    cached: usage.inputTokens.cacheRead ?? 0,
    cacheWrite: usage.inputTokens.cacheWrite ?? 0,
    output: usage.outputTokens.total,
    reasoning: usage.outputTokens.reasoning ?? 0,
  };
}
