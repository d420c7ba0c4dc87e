import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { argumentsJson } from "#lib/translation/arguments-json";
import {
  cacheOf,
  detailOf,
  isFilled,
  media,
  objectOf,
  objectsIn,
  sourceOfUrl,
  textOf,
} from "#lib/translation/clients/given";
import { openEnvelope, splitId } from "#lib/translation/envelope";
import type {
  Block,
  CallBlock,
  Demand,
  MediaBlock,
  Message,
  ResultBlock,
  TextBlock,
  ThinkBlock,
} from "#lib/translation/turn";

export type Conversation = { messages: readonly Message[]; offers: string[]; demands: Demand[] };

/** What is found on the way through a conversation. */
type Found = { offers: string[]; demands: Demand[] };

/** Decodes a chat completion's messages. */
export function chatMessages(value: unknown): Conversation {
  const found: Found = { offers: [], demands: [] };
  const messages = objectsIn(value).map(([at, message]) => messageOf(message, `messages[${at}]`, found));
  return { messages, ...found };
}

function messageOf(message: JsonObject, at: string, found: Found): Message {
  const { role } = message;
  // Of a tool, it is known by its call.
  if (role !== "tool" && (textOf(message.name) ?? "") !== "") found.offers.push(`${at}.name`);
  if (role === "assistant") return { role, blocks: answerBlocks(message, at, found), at };
  if (role === "tool") return { role: "user", blocks: [resultOf(message, at, found)], at };
  if (role === "function")
    found.demands.push({ at, why: "results of functions without an id are not supported" });
  const blocks = contentBlocks(message, at, found);
  return { role: role === "system" || role === "developer" ? "system" : "user", blocks, at };
}

/** The words of a refusal are beside the content, which is empty then. */
function refusalOf({ refusal }: JsonObject, at: string): TextBlock[] {
  return typeof refusal === "string" && refusal !== ""
    ? [{ kind: "text", text: refusal, at: `${at}.refusal`, cache: null }]
    : [];
}

function contentBlocks(message: JsonObject, at: string, found: Found): (TextBlock | MediaBlock)[] {
  const { content } = message;
  const cache = cacheOf(message);
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content, at, cache }];
  const parts = objectsIn(content);
  return parts.flatMap(([index, part]) => {
    const isLast = index === parts.length - 1;
    const block = partOf(part, `${at}.content[${index}]`, found);
    if (block === null) return [];
    return [isLast && block.cache === null ? { ...block, cache } : block];
  });
}

function partOf(part: JsonObject, at: string, found: Found): TextBlock | MediaBlock | null {
  const cache = cacheOf(part);
  const { type } = part;
  const text = textOf(part.text) ?? textOf(part.refusal);
  if (text !== null) return text === "" ? null : { kind: "text", text, at, cache };
  if (type === "image_url") {
    const image = isObject(part.image_url) ? part.image_url : { url: part.image_url };
    const url = textOf(image.url);
    if (url !== null)
      return media("image", sourceOfUrl(url), at, { cache, detail: detailOf(image, `${at}.image_url`) });
  }
  if (type === "input_audio") {
    const audio = objectOf(part.input_audio);
    const base64 = textOf(audio?.data);
    const mediaType = `audio/${textOf(audio?.format) ?? "wav"}`;
    if (base64 !== null) return media("audio", { kind: "data", mediaType, base64 }, at, { cache });
  }
  if (type === "file") {
    const file = objectOf(part.file);
    const data = textOf(file?.file_data);
    if (data !== null) {
      const source = sourceOfUrl(data.startsWith("data:") ? data : `data:application/pdf;base64,${data}`);
      return media("document", source, at, { cache, title: textOf(file?.filename) });
    }
  }
  found.demands.push({ at, why: "this kind of content is not supported" });
  return null;
}

/** An answer: its reasoning comes before its text, and its calls after it. */
function answerBlocks(message: JsonObject, at: string, found: Found): Block[] {
  const blocks: Block[] = [
    ...thoughtsOf(message, at),
    ...contentBlocks(message, at, found),
    ...refusalOf(message, at),
  ];
  if (isFilled(message.annotations)) found.offers.push(`${at}.annotations`);
  for (const [index, image] of objectsIn(message.images)) {
    const block = partOf(image, `${at}.images[${index}]`, found);
    if (block !== null) blocks.push(block);
  }
  const isSealed = blocks.some((block) => block.kind === "think" && block.seal !== null);
  let hasCall = false;
  for (const [index, call] of objectsIn(message.tool_calls)) {
    const place = `${at}.tool_calls[${index}]`;
    const { id, seal } = splitId(textOf(call.id) ?? "");
    if (seal !== null && !isSealed) {
      const thought: ThinkBlock = { kind: "think", text: "", seal, at: `${place}.id`, cache: null };
      // Claude begins an answer with its thoughts. A signature of Google's is of the call alone.
      if (seal.maker === "anthropic" && !hasCall) blocks.unshift(thought);
      else blocks.push(thought);
    }
    blocks.push(callOf(call, id, place));
    hasCall = true;
  }
  if (isObject(message.function_call))
    found.demands.push({
      at: `${at}.function_call`,
      why: "calls of functions without an id are not supported",
    });
  return blocks;
}

function callOf(call: JsonObject, id: string, at: string): CallBlock {
  const isCustom = call.type === "custom";
  const called = objectOf(isCustom ? call.custom : call.function) ?? {};
  const given = isCustom ? called.input : called.arguments;
  const args = typeof given === "string" ? given : isObject(given) ? argumentsJson(given) : "";
  return { kind: "call", id, name: textOf(called.name) ?? "", args, isCustom, at, cache: cacheOf(call) };
}

function resultOf(message: JsonObject, at: string, found: Found): ResultBlock {
  const blocks = contentBlocks(message, at, found).map((block) => ({ ...block, cache: null }));
  const { id } = splitId(textOf(message.tool_call_id) ?? "");
  const parts = objectsIn(message.content);
  const cache = cacheOf(message) ?? cacheOf(parts.at(-1)?.[1] ?? {});
  return { kind: "result", id, blocks, isError: false, at, cache };
}

/** Reasoning that the client returns: with `reasoning_details` also its proofs, in their order. */
function thoughtsOf(message: JsonObject, at: string): ThinkBlock[] {
  const text = textOf(message.reasoning_content) ?? textOf(message.reasoning) ?? "";
  const seals = objectsIn(message.reasoning_details).flatMap(([index, { data }]) => {
    const seal = typeof data === "string" ? openEnvelope(data, "") : null;
    return seal === null || seal.scope === null ? [] : [{ seal, at: `${at}.reasoning_details[${index}]` }];
  });
  const [first, ...others] = seals;
  if (text === "" && first === undefined) return [];
  const place = first?.at ?? `${at}.reasoning_content`;
  return [
    { kind: "think", text, seal: first?.seal ?? null, at: place, cache: null },
    ...others.map(({ seal, at }): ThinkBlock => ({ kind: "think", text: "", seal, at, cache: null })),
  ];
}
