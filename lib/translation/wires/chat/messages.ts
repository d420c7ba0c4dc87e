import type { JsonObject } from "#lib/dialects/text/json-fields";
import type {
  Block,
  CallBlock,
  EncodeOptions,
  MediaBlock,
  Message,
  ResultBlock,
  TextBlock,
  Turn,
} from "#lib/translation/turn";
import { argumentsText } from "#lib/translation/wires/function-tools";
import { picturesByUser } from "#lib/translation/wires/made-pictures";
import type { Notes } from "#lib/translation/wires/notes";
import type { OpenAiTraits } from "#lib/translation/wires/openai-models";
import { shortIds } from "#lib/translation/wires/short-ids";
import type { ToolNames } from "#lib/translation/wires/tool-names";
import { hasMedia, saidByUser } from "#lib/translation/wires/turns";
import { proofOf, proofsIn } from "./google-proof";

type Context = {
  names: ToolNames;
  notes: Notes;
  traits: OpenAiTraits;
  id: (id: string) => string;
  accepts: EncodeOptions["accepts"];
};

/** The most characters that OpenAI takes of a call's id. */
const MOST_OF_ID = 40;

/** The conversation as messages: each result is one of its own after its call, and media in it follow as the user's. */
export function chatMessages(
  { messages }: Turn,
  names: ToolNames,
  notes: Notes,
  traits: OpenAiTraits,
  accepts: EncodeOptions["accepts"],
): readonly JsonObject[] {
  const context: Context = { names, notes, traits, id: shortIds(MOST_OF_ID), accepts };
  return resultsFirst(picturesByUser(messages, notes).flatMap((message) => messageOf(message, context)));
}

/** Nothing may be said between a call and its result: what is waits until all results until the next answer are given. */
function resultsFirst(messages: readonly JsonObject[]): readonly JsonObject[] {
  const ordered: JsonObject[] = [];
  let waiting: JsonObject[] = [];
  for (const message of messages) {
    if (message.role === "assistant") {
      for (const other of waiting) ordered.push(other);
      waiting = [];
    }
    if (message.role === "assistant" || message.role === "tool") ordered.push(message);
    else waiting.push(message);
  }
  return ordered.concat(waiting);
}

function messageOf(message: Message, context: Context): JsonObject[] {
  switch (message.role) {
    case "assistant":
      return answerOf(message.blocks, context);
    case "system":
      return hasMedia(message)
        ? said("user", saidByUser(message).blocks, context)
        : said("system", message.blocks, context);
    case "user": {
      const results = message.blocks.filter((block): block is ResultBlock => block.kind === "result");
      const media = results.flatMap(({ blocks }) => blocks.filter(isMedia));
      const others = message.blocks.filter(({ kind }) => kind !== "result");
      return [
        ...results.map((result) => resultOf(result, context)),
        ...said("user", [...media, ...others], context),
      ];
    }
  }
}

const isMedia = (block: Block): block is MediaBlock =>
  block.kind === "image" || block.kind === "audio" || block.kind === "document";
const isText = (block: Block): block is TextBlock => block.kind === "text";

/** A message of the user or the system; one without anything is left out. */
function said(role: "user" | "system", blocks: readonly Block[], context: Context): JsonObject[] {
  if (blocks.every(isText)) {
    const text = textOf(blocks);
    return text === "" ? [] : [{ role, content: text }];
  }
  const parts = blocks.flatMap((block) => partOf(block, context));
  return parts.length === 0 ? [] : [{ role, content: parts }];
}

const textOf = (blocks: readonly Block[]): string =>
  blocks
    .filter(isText)
    .map(({ text }) => text)
    .join("\n\n");

function partOf(block: Block, { notes }: Context): JsonObject[] {
  switch (block.kind) {
    case "text":
      return [{ type: "text", text: block.text }];
    case "image":
      return [
        {
          type: "image_url",
          image_url: {
            url: urlOf(block, "image/jpeg"),
            ...(block.detail === null ? {} : { detail: block.detail.value }),
          },
        },
      ];
    case "audio": {
      if (block.source.kind === "data")
        return [
          {
            type: "input_audio",
            input_audio: { data: block.source.base64, format: formatOf(block.source.mediaType) },
          },
        ];
      notes.refuse(block, "recordings by their address are not supported");
      return [];
    }
    case "document":
      return documentPart(block, notes);
    default:
      return [];
  }
}

function documentPart(block: MediaBlock, notes: Notes): JsonObject[] {
  const { source, title } = block;
  if (source.kind === "text")
    return [{ type: "text", text: title === null ? source.text : `${title}\n\n${source.text}` }];
  if (source.kind === "data") {
    const file = { filename: title ?? "document.pdf", file_data: urlOf(block, "application/pdf") };
    return [{ type: "file", file }];
  }
  notes.refuse(block, "documents by their address are not supported");
  return [];
}

function urlOf({ source }: MediaBlock, defaultType: string): string {
  switch (source.kind) {
    case "data":
      return `data:${source.mediaType || defaultType};base64,${source.base64}`;
    case "url":
      return source.url;
    case "text":
      return `data:text/plain;base64,${Buffer.from(source.text).toString("base64")}`;
  }
}

const formatOf = (mediaType: string): string =>
  /mpeg|mp3/.test(mediaType) ? "mp3" : mediaType.replace(/^audio\//, "");

/**
 * An answer of the model. Its reasoning goes back with the calls that it led to, as DeepSeek and Moonshot require
 * (api-docs.deepseek.com/guides/thinking_mode); OpenAI's models take none in this dialect.
 */
function answerOf(blocks: readonly Block[], context: Context): JsonObject[] {
  const { traits, notes, accepts } = context;
  const calls = blocks.filter((block): block is CallBlock => block.kind === "call");
  const thoughts = blocks.filter((block) => block.kind === "think");
  const thought = thoughts.map(({ text }) => text).join("\n\n");
  const isReturned = calls.length > 0 && thought !== "" && !traits.isOpenAi;
  const { ofCalls, proved } = proofsIn(blocks, accepts);
  for (const block of thoughts)
    if (!proved.has(block) && (!isReturned || block.text === "")) notes.dropped.push(block.at);
  const content = textOf(blocks);
  if (content === "" && calls.length === 0) return [];
  return [
    {
      role: "assistant",
      content: content === "" ? null : content,
      ...(isReturned ? { reasoning_content: thought } : {}),
      ...(calls.length === 0
        ? {}
        : { tool_calls: calls.map((call) => callOf(call, ofCalls.get(call), context)) }),
    },
  ];
}

const callOf = (call: CallBlock, proof: string | undefined, { names, id }: Context): JsonObject => ({
  id: id(call.id),
  type: "function",
  function: { name: names.sent(call.name), arguments: argumentsText(call) },
  ...(proof === undefined ? {} : proofOf(proof)),
});

/** The dialect has no mark for a result that is an error. */
const resultOf = (result: ResultBlock, { id }: Context): JsonObject => ({
  role: "tool",
  tool_call_id: id(result.id),
  content: `${result.isError ? "Error: " : ""}${textOf(result.blocks)}`,
});
