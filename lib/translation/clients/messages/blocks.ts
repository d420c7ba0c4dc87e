import type { JsonObject } from "#lib/dialects/text/json-fields";
import { argumentsJson } from "#lib/translation/arguments-json";
import { cacheOf, isFilled, media, objectOf, objectsIn, textOf } from "#lib/translation/clients/given";
import { openEnvelope, redactedSeal } from "#lib/translation/envelope";
import type {
  Block,
  CacheMark,
  Demand,
  MediaBlock,
  Message,
  ResultBlock,
  Role,
  Source,
  TextBlock,
} from "#lib/translation/turn";

/** What is found on the way through a request. */
export type Found = { offers: string[]; demands: Demand[] };

/** Decodes a conversation; what the system says may be anywhere in it. */
export const messagesOf = (value: unknown, found: Found): readonly Message[] =>
  objectsIn(value).map(([index, message]) => {
    const at = `messages[${index}]`;
    return { role: roleOf(message.role), blocks: blocksOf(message.content, `${at}.content`, found), at };
  });

const roleOf = (role: unknown): Role => (role === "assistant" || role === "system" ? role : "user");

/** Decodes content: a text, or blocks. */
export function blocksOf(content: unknown, at: string, found: Found): Block[] {
  if (typeof content === "string") return content === "" ? [] : [textBlock(content, at, null)];
  return objectsIn(content).flatMap(([index, block]) => blockOf(block, `${at}[${index}]`, found));
}

const textBlock = (text: string, at: string, cache: CacheMark | null): TextBlock => ({
  kind: "text",
  text,
  at,
  cache,
});

/** What only Anthropic's own tools make, or leave in the conversation. */
const OF_HOSTED_TOOLS = /^(?:server_tool_use|mcp_tool_use|.+_tool_result|container_upload|compaction)$/;

function blockOf(block: JsonObject, at: string, found: Found): Block[] {
  const cache = cacheOf(block);
  switch (block.type) {
    case "thinking": {
      const signature = textOf(block.signature) ?? "";
      const seal = signature === "" ? null : openEnvelope(signature, "anthropic");
      return [{ kind: "think", text: textOf(block.thinking) ?? "", seal, at, cache }];
    }
    case "redacted_thinking":
      return [{ kind: "think", text: "", seal: redactedSeal(textOf(block.data) ?? ""), at, cache }];
    case "tool_use": {
      const args = argumentsJson(block.input);
      const name = textOf(block.name) ?? "";
      return [{ kind: "call", id: textOf(block.id) ?? "", name, args, isCustom: false, at, cache }];
    }
    case "tool_result":
      return [resultOf(block, at, found)];
    default:
      return saidOf(block, at, found);
  }
}

/** What a user may say, or a tool. */
function saidOf(block: JsonObject, at: string, found: Found): (TextBlock | MediaBlock)[] {
  const cache = cacheOf(block);
  const { type } = block;
  if (type === "text") {
    const text = textOf(block.text) ?? "";
    if (isFilled(block.citations)) found.offers.push(`${at}.citations`);
    return text === "" ? [] : [textBlock(text, at, cache)];
  }
  if (type === "image" || type === "document") {
    const source = sourceOf(block.source, type);
    if (source !== null) {
      const context = textOf(block.context) ?? "";
      const about = context === "" ? [] : [textBlock(context, `${at}.context`, null)];
      return [
        ...about,
        media(type, source, at, { cache, title: textOf(block.title), isCited: isCiting(block) }),
      ];
    }
  }
  if (type === "search_result") {
    if (isCiting(block)) found.offers.push(`${at}.citations`);
    const texts = [textOf(block.title), textOf(block.source), ...textsIn(block.content)];
    return [textBlock(texts.filter((text) => text !== null).join("\n"), at, cache)];
  }
  if (type === "tool_reference") return [textBlock(textOf(block.tool_name) ?? "", at, cache)];
  if (typeof type === "string" && OF_HOSTED_TOOLS.test(type)) found.offers.push(at);
  else found.demands.push({ at, why: "this kind of content is not supported" });
  return [];
}

const isCiting = ({ citations }: JsonObject): boolean => objectOf(citations)?.enabled === true;

function sourceOf(value: unknown, kind: "image" | "document"): Source | null {
  const source = objectOf(value);
  const data = textOf(source?.data);
  switch (source?.type) {
    case "base64": {
      const mediaType = textOf(source.media_type) ?? (kind === "image" ? "image/png" : "application/pdf");
      return data === null ? null : { kind: "data", mediaType, base64: data };
    }
    case "url": {
      const url = textOf(source.url);
      return url === null ? null : { kind: "url", url };
    }
    case "text":
      return data === null ? null : { kind: "text", text: data };
    case "content": {
      const text = typeof source.content === "string" ? source.content : textsIn(source.content).join("\n");
      return { kind: "text", text };
    }
    default:
      return null;
  }
}

const textsIn = (content: unknown): string[] =>
  objectsIn(content).flatMap(([, block]) => (typeof block.text === "string" ? [block.text] : []));

function resultOf(block: JsonObject, at: string, found: Found): ResultBlock {
  const { content } = block;
  const inner = `${at}.content`;
  const blocks: (TextBlock | MediaBlock)[] =
    typeof content === "string"
      ? [textBlock(content, inner, null)]
      : objectsIn(content).flatMap(([index, part]) => saidOf(part, `${inner}[${index}]`, found));
  return {
    kind: "result",
    id: textOf(block.tool_use_id) ?? "",
    blocks,
    isError: block.is_error === true,
    at,
    cache: cacheOf(block),
  };
}
