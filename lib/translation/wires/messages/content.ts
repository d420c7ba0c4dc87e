import type { JsonObject } from "#lib/dialects/text/json-fields";
import { redactedIn } from "#lib/translation/envelope";
import type { Block, CacheMark, CallBlock, MediaBlock, ResultBlock, Turn } from "#lib/translation/turn";
import type { Encoding } from "#lib/translation/wires/encoding";
import { argumentsOf } from "#lib/translation/wires/function-tools";
import { picturesByUser } from "#lib/translation/wires/made-pictures";
import { leaveOut, ownSeal } from "#lib/translation/wires/notes";
import { type Said, safeIds, splitLeading, takingTurns } from "#lib/translation/wires/turns";

type Context = Encoding & { id: (id: string) => string };

/** platform.claude.com/docs/en/api/messages: others are refused. */
const UNSAFE_IN_ID = /[^A-Za-z0-9_-]/g;

/** A mark on a block up to which a request is cached. */
export const withCacheMark = (block: JsonObject, cache: CacheMark | null): JsonObject =>
  cache === null ? block : { ...block, cache_control: cacheControl(cache) };

const cacheControl = (cache: CacheMark): JsonObject =>
  cache === "1h" ? { type: "ephemeral", ttl: "1h" } : { type: "ephemeral" };

/**
 * The conversation in turns of the user and the assistant, and the system's words from before it. What the system says
 * later is said by the user: not all models take it within the conversation.
 */
export function conversationOf(
  { messages }: Turn,
  { options, names, notes }: Encoding,
): { system: readonly JsonObject[]; messages: readonly Said[] } {
  const id = safeIds((given) => given.replace(UNSAFE_IN_ID, "_") || "call");
  const context: Context = { options, names, notes, id };
  const { leading, rest } = splitLeading(picturesByUser(messages, notes));
  const contents = takingTurns(rest, (block) => contentOf(block, context), {
    isResult: ({ type }) => type === "tool_result",
    opening: { type: "text", text: "Continue." },
  });
  trimEnd(contents.at(-1));
  const system: JsonObject[] = [];
  for (const { blocks } of leading)
    for (const block of blocks) for (const said of saidBlock(block, context)) system.push(said);
  return { system, messages: contents };
}

/** The end of an answer that the model is to continue may not be white space. */
function trimEnd(last: Said | undefined): void {
  const block = last?.role === "assistant" ? last.content.pop() : undefined;
  if (block === undefined) return;
  last?.content.push(typeof block.text === "string" ? { ...block, text: block.text.trimEnd() } : block);
}

function contentOf(block: Block, context: Context): JsonObject[] {
  switch (block.kind) {
    case "think":
      return thoughtBlock(block, context);
    case "call":
      return [withCacheMark(callBlock(block, context), block.cache)];
    case "result":
      return [withCacheMark(resultBlock(block, context), block.cache)];
    default:
      return saidBlock(block, context);
  }
}

/** Reasoning with its proof; without one of its own maker's it is left out. */
function thoughtBlock(block: Extract<Block, { kind: "think" }>, { options, notes }: Context): JsonObject[] {
  const seal = ownSeal(block, options, notes);
  if (seal === null) return [];
  const redacted = redactedIn(seal);
  return redacted === null
    ? [{ type: "thinking", thinking: block.text, signature: seal.data }]
    : [{ type: "redacted_thinking", data: redacted }];
}

const callBlock = (block: CallBlock, { id, names }: Context): JsonObject => ({
  type: "tool_use",
  id: id(block.id),
  name: names.sent(block.name),
  input: argumentsOf(block),
});

function resultBlock(block: ResultBlock, context: Context): JsonObject {
  const content = block.blocks.flatMap((inner) => saidBlock(inner, context));
  return {
    type: "tool_result",
    tool_use_id: context.id(block.id),
    content: content.length === 0 ? undefined : content,
    is_error: block.isError || undefined,
  };
}

/** A text, a picture or a document. Texts of white space alone are refused. */
function saidBlock(block: Block, { notes }: Context): JsonObject[] {
  switch (block.kind) {
    case "text":
      return block.text.trim() === "" ? [] : [withCacheMark({ type: "text", text: block.text }, block.cache)];
    case "image":
      return [withCacheMark({ type: "image", source: sourceOf(block, "image/jpeg") }, block.cache)];
    case "document":
      return [withCacheMark(documentBlock(block), block.cache)];
    default:
      return leaveOut(block, notes);
  }
}

const documentBlock = (block: MediaBlock): JsonObject => ({
  type: "document",
  source: sourceOf(block, "application/pdf"),
  title: block.title ?? undefined,
  citations: block.isCited ? { enabled: true } : undefined,
});

function sourceOf({ source }: MediaBlock, defaultType: string): JsonObject {
  switch (source.kind) {
    case "data":
      return isPlainText(source.mediaType)
        ? {
            type: "text",
            media_type: "text/plain",
            data: Buffer.from(source.base64, "base64").toString("utf8"),
          }
        : { type: "base64", media_type: source.mediaType || defaultType, data: source.base64 };
    case "url":
      return { type: "url", url: source.url };
    case "text":
      return { type: "text", media_type: "text/plain", data: source.text };
  }
}

const isPlainText = (mediaType: string): boolean => mediaType.startsWith("text/");
