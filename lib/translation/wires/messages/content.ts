import type { JsonObject } from "#lib/dialects/text/json-fields";
import { redactedIn } from "#lib/translation/envelope";
import type { Block, CacheMark, MediaBlock, ResultBlock, Turn } from "#lib/translation/turn";
import type { Encoding } from "#lib/translation/wires/encoding";
import { argumentsOf } from "#lib/translation/wires/function-tools";
import { picturesByUser } from "#lib/translation/wires/made-pictures";
import { leaveOut, ownSeal } from "#lib/translation/wires/notes";
import { type Said, safeIds, splitLeading, takingTurns } from "#lib/translation/wires/turns";

type Context = Encoding & { id: (id: string) => string };

/** platform.claude.com/docs/en/api/messages: others are refused. */
const UNSAFE_IN_ID = /[^A-Za-z0-9_-]/g;

/** A mark on a block up to which a request is cached. */
export const cacheControl = (cache: CacheMark | null): JsonObject =>
  cache === null
    ? {}
    : { cache_control: cache === "1h" ? { type: "ephemeral", ttl: "1h" } : { type: "ephemeral" } };

/**
 * The conversation in turns of the user and the assistant, and the system's words from before it. What the system says
 * later is said by the user: not all models take it within the conversation.
 */
export function conversationOf(
  { messages }: Turn,
  encoding: Encoding,
): { system: readonly JsonObject[]; messages: readonly Said[] } {
  const id = safeIds((given) => given.replace(UNSAFE_IN_ID, "_") || "call");
  const context: Context = { ...encoding, id };
  const { leading, rest } = splitLeading(picturesByUser(messages, encoding.notes));
  const contents = takingTurns(rest, (block) => contentOf(block, context), {
    isResult: ({ type }) => type === "tool_result",
    opening: { type: "text", text: "Continue." },
  });
  trimEnd(contents.at(-1));
  const system = leading.flatMap(({ blocks }) => blocks.flatMap((block) => saidBlock(block, context)));
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
      return [
        {
          type: "tool_use",
          id: context.id(block.id),
          name: context.names.sent(block.name),
          input: argumentsOf(block),
          ...cacheControl(block.cache),
        },
      ];
    case "result":
      return [resultBlock(block, context)];
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

function resultBlock(block: ResultBlock, context: Context): JsonObject {
  const content = block.blocks.flatMap((inner) => saidBlock(inner, context));
  return {
    type: "tool_result",
    tool_use_id: context.id(block.id),
    ...(content.length === 0 ? {} : { content }),
    ...(block.isError ? { is_error: true } : {}),
    ...cacheControl(block.cache),
  };
}

/** A text, a picture or a document. Texts of white space alone are refused. */
function saidBlock(block: Block, { notes }: Context): JsonObject[] {
  switch (block.kind) {
    case "text":
      return block.text.trim() === ""
        ? []
        : [{ type: "text", text: block.text, ...cacheControl(block.cache) }];
    case "image":
      return [{ type: "image", source: sourceOf(block, "image/jpeg"), ...cacheControl(block.cache) }];
    case "document":
      return [
        {
          type: "document",
          source: sourceOf(block, "application/pdf"),
          ...(block.title === null ? {} : { title: block.title }),
          ...(block.isCited ? { citations: { enabled: true } } : {}),
          ...cacheControl(block.cache),
        },
      ];
    default:
      return leaveOut(block, notes);
  }
}

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
