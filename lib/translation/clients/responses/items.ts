import { kindOf } from "#lib/dialects/responses/item-types";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { argumentsJson } from "#lib/translation/arguments-json";
import {
  cacheOf,
  detailOf,
  effortOf,
  givenText,
  isFilled,
  media,
  objectOf,
  objectsIn,
  sourceOfUrl,
  textOf,
} from "#lib/translation/clients/given";
import { openEnvelope } from "#lib/translation/envelope";
import type {
  Block,
  CallBlock,
  Demand,
  Effort,
  Given,
  MediaBlock,
  Message,
  ResultBlock,
  Role,
  TextBlock,
  ThinkBlock,
} from "#lib/translation/turn";
import { nameIn, type ToolList } from "./tools";

/** What the items of an input say. */
export type DecodedItems = {
  messages: readonly Message[];
  /** Tools that items add. */
  toolLists: readonly ToolList[];
  /** Settings that items change for what follows. */
  updates: { effort: Given<Effort> | null; verbosity: Given<string> | null };
  offers: readonly string[];
  demands: readonly Demand[];
};

type Open = { role: Role; blocks: Block[]; at: string };

/** Decodes the items of an input: those of one side that follow each other are one message. */
export function decodeItems(items: readonly JsonObject[]): DecodedItems {
  const messages: Open[] = [];
  const toolLists: ToolList[] = [];
  const updates: { effort: Given<Effort> | null; verbosity: Given<string> | null } = {
    effort: null,
    verbosity: null,
  };
  const offers: string[] = [];
  const demands: Demand[] = [];
  const notes: Notes = {
    offer: (at) => offers.push(at),
    refuse: (at) => demands.push({ at, why: "this kind of content is not supported" }),
  };

  for (const [index, item] of items.entries()) {
    const at = `input[${index}]`;
    switch (kindOf(item)) {
      case "message":
        add(roleOf(item), contentBlocks(item, "content", at, notes), at);
        break;
      case "reasoning":
        add("assistant", [thoughtOf(item, at)], at);
        break;
      case "call":
        if (item.type === "tool_search_call") offers.push(at);
        else add("assistant", [callOf(item, at)], at);
        break;
      case "result":
        add("user", [resultOf(item, at, notes)], at);
        break;
      case "picture":
        add("assistant", [pictureOf(item, at)], at);
        break;
      case "tools":
        toolLists.push({ at: `${at}.tools`, tools: item.tools });
        break;
      case "settings":
        noteUpdates(item, at);
        break;
      default:
        // Its summary is all that there is of it.
        if (item.type === "reasoning") add("assistant", [thoughtOf(item, at)], at);
        else notes.refuse(at);
    }
  }
  return { messages, toolLists, updates, offers, demands };

  function add(role: Role, blocks: readonly Block[], at: string): void {
    if (blocks.length === 0) return;
    const last = messages.at(-1);
    if (last?.role === role && role === "assistant") for (const block of blocks) last.blocks.push(block);
    else messages.push({ role, blocks: [...blocks], at });
  }

  function noteUpdates({ reasoning, text }: JsonObject, at: string): void {
    updates.effort = effortOf(objectOf(reasoning)?.effort, `${at}.reasoning.effort`) ?? updates.effort;
    const verbosity = givenText(objectOf(text) ?? {}, "verbosity");
    if (verbosity !== null) updates.verbosity = { ...verbosity, at: `${at}.text.verbosity` };
  }
}

const roleOf = ({ role }: JsonObject): Role =>
  role === "system" || role === "developer" ? "system" : role === "assistant" ? role : "user";

type Notes = { offer: (at: string) => void; refuse: (at: string) => void };

function contentBlocks(
  item: JsonObject,
  field: "content" | "output",
  at: string,
  notes: Notes,
): (TextBlock | MediaBlock)[] {
  const content = item[field];
  const cache = cacheOf(item);
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content, at, cache }];
  return objectsIn(content).flatMap(([index, part]) => {
    const place = `${at}.${field}[${index}]`;
    const block = partOf(part, place);
    if (block === null) notes.refuse(place);
    if (isFilled(part.annotations)) notes.offer(`${place}.annotations`);
    return block === null || (block.kind === "text" && block.text === "") ? [] : [block];
  });
}

/** A part of a content; null for one that no other wire can say. */
function partOf(part: JsonObject, at: string): TextBlock | MediaBlock | null {
  const cache = cacheOf(part);
  const text = textOf(part.text) ?? textOf(part.refusal);
  if (text !== null) return { kind: "text", text, at, cache };
  if (part.type === "input_image") {
    const url = textOf(part.image_url);
    return url === null ? null : media("image", sourceOfUrl(url), at, { cache, detail: detailOf(part, at) });
  }
  if (part.type === "input_file") return fileOf(part, at);
  if (part.type === "input_audio") {
    const audio = objectOf(part.input_audio);
    const base64 = textOf(audio?.data);
    const mediaType = `audio/${textOf(audio?.format) ?? "wav"}`;
    return base64 === null ? null : media("audio", { kind: "data", mediaType, base64 }, at, { cache });
  }
  return null;
}

/** What the model has made: PNG unless it says otherwise. */
const pictureOf = ({ result, output_format: format }: JsonObject, at: string): MediaBlock =>
  media(
    "image",
    { kind: "data", mediaType: `image/${textOf(format) ?? "png"}`, base64: textOf(result) ?? "" },
    at,
  );

function fileOf(part: JsonObject, at: string): MediaBlock | null {
  const others = { cache: cacheOf(part), title: textOf(part.filename) };
  const data = textOf(part.file_data);
  if (data !== null) {
    const url = data.startsWith("data:") ? data : `data:application/pdf;base64,${data}`;
    return media("document", sourceOfUrl(url), at, others);
  }
  const url = textOf(part.file_url);
  return url === null ? null : media("document", { kind: "url", url }, at, others);
}

/** Reasoning as it was shown, and its proof: without an envelope OpenAI's own. */
function thoughtOf({ summary, content, encrypted_content: encrypted }: JsonObject, at: string): ThinkBlock {
  const texts = [summary, content].flatMap((parts) =>
    objectsIn(parts).flatMap(([, { text }]) => (typeof text === "string" && text !== "" ? [text] : [])),
  );
  const seal = typeof encrypted === "string" && encrypted !== "" ? openEnvelope(encrypted, "openai") : null;
  return { kind: "think", text: texts.join("\n\n"), seal, at, cache: null };
}

const idOf = ({ call_id: id, id: own }: JsonObject): string => textOf(id) ?? textOf(own) ?? "";

/** A call of a function, of a custom tool, or of a tool that OpenAI defines, which is a function elsewhere. */
function callOf(item: JsonObject, at: string): CallBlock {
  const { type, input, action, operation } = item;
  const own = textOf(type)?.replace(/_call$/, "") ?? "";
  const name = nameIn(textOf(item.namespace), textOf(item.name) ?? own);
  const given = item.arguments ?? input ?? action ?? operation;
  const args = typeof given === "string" ? given : isObject(given) ? argumentsJson(given) : "";
  const isCustom = type === "custom_tool_call";
  return { kind: "call", id: idOf(item), name, args, isCustom, at, cache: null };
}

function resultOf(item: JsonObject, at: string, notes: Notes): ResultBlock {
  const parts = contentBlocks(item, "output", at, notes);
  const blocks = parts.map((block) => ({ ...block, cache: null }));
  return {
    kind: "result",
    id: idOf(item),
    blocks,
    isError: item.status === "failed",
    at,
    cache: parts.at(-1)?.cache ?? null,
  };
}
