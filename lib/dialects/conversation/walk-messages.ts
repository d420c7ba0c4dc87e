import { CACHE_BREAKPOINT, isPricedCache } from "#lib/dialects/bounds/unsupported-fields";
import { isEncoded, isUrl, type MediaGatherer } from "#lib/dialects/media/gather-media";
import type { ImageDetail } from "#lib/dialects/media/media";
import type { MediaKind } from "#lib/dialects/media/stated-kinds";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { MOST_NAME_CHARACTERS } from "#lib/dialects/text/named-path";
import {
  answerFields,
  answerParts,
  fieldsInAnswers,
  isSealed,
  jsonFields,
  jsonInAnswers,
  labelFields,
  mediaFields,
  partTypes,
  SEARCH_RESULT,
  textFields,
  typesInAnswers,
} from "./message-fields";

/** Messages as chat templates know them, and the name of the body's field that has them. */
export type Conversation = { field: string; messages: readonly JsonObject[] };

/** What a walk over messages meets. */
export type MessageVisitor = {
  media: MediaGatherer;
  text: (text: string) => void;
  /** Called for strings that say something about another field: templates may write them, too. */
  label: (text: string) => void;
  /** Called for a medium's URL or data, or its end, between the texts around it. */
  reference: (text: string) => void;
  /** Called for the arguments of calls, as JSON text or as a value, besides their texts. */
  arguments: (value: unknown) => void;
  /** Called for data that was gathered, with the object and the key that hold it. */
  data: (holder: object, key: string) => void;
  /** Called after each message. */
  end: () => void;
};

/** What a part or a field of one holds, in the names of OpenAI and of servers that extend its dialect. */
const KINDS: ReadonlyMap<string, MediaKind> = new Map([
  ["image", "image"],
  ["image_url", "image"],
  ["input_image", "image"],
  ["images", "image"],
  ["audio", "audio"],
  ["audio_url", "audio"],
  ["input_audio", "audio"],
  ["video", "document"],
  ["video_url", "document"],
  ["input_video", "document"],
  ["document", "document"],
  ["document_url", "document"],
]);

const FILE_NAMES = ["filename", "file_name", "document_name"];
const MEDIA_TYPES = ["media_type", "mime_type"];

/** Where a picture in Markdown may begin that goes on in the next text. */
const END_CHARACTERS = 40;

/**
 * Walks over messages: every text, and every picture, recording and document. What is not in the tables of
 * message-fields.ts is gathered as unbounded.
 */
export function walkMessages({ field, messages }: Conversation, visitor: MessageVisitor): void {
  for (const [at, message] of messages.entries()) {
    walkObject(message, `${field}[${at}]`, null, visitor);
    visitor.end();
  }
}

function walkObject(
  holder: JsonObject,
  param: string,
  kind: MediaKind | null,
  visitor: MessageVisitor,
): void {
  const { type } = holder;
  if (typeof type === "string" && answerParts.has(type)) {
    walkAnswer(holder, param, visitor);
    return;
  }
  const own = (typeof type === "string" ? KINDS.get(type) : undefined) ?? kind;
  for (const key of Object.keys(holder)) {
    const value = holder[key];
    if (value === null) continue;
    const at = below(param, key);
    if (labelFields.has(key)) walkLabel(value, at, visitor);
    else if (answerFields.has(key)) walkAnswer(value, at, visitor);
    else if (jsonFields.has(key)) walkJson(value, visitor);
    else if (key === CACHE_BREAKPOINT && isPricedCache(value)) visitor.label("explicit");
    else if (key === "input" && type === "tool_use") walkArguments(value, visitor);
    // Where a search has found a text, which the model reads and no server fetches.
    else if (key === "source" && type === SEARCH_RESULT && typeof value === "string") visitor.text(value);
    else {
      walkField(holder, key, { value, param: at, kind: KINDS.get(key) ?? own, named: key }, visitor);
      if (!isKnown(key, value)) visitor.media.addUnbounded(at);
    }
  }
  noteUnknownType(type, partTypes, param, visitor);
}

/** A field or an element of one; `named`: the field. */
type Field = { value: unknown; param: string; kind: MediaKind | null; named: string };

/** Texts and media are strings, objects or lists. */
const isKnown = (key: string, value: unknown): boolean =>
  (textFields.has(key) || mediaFields.has(key)) && typeof value !== "number" && typeof value !== "boolean";

function noteUnknownType(
  type: unknown,
  known: ReadonlySet<string>,
  param: string,
  { media }: MessageVisitor,
): void {
  if (type === undefined || type === null || (typeof type === "string" && known.has(type))) return;
  media.addUnbounded(`${param}.type`);
}

function walkLabel(value: unknown, param: string, visitor: MessageVisitor): void {
  if (typeof value === "string") visitor.label(value);
  else if (typeof value === "object") {
    visitor.media.addUnbounded(param);
    walkJson(value, visitor);
  }
}

function walkField(holder: object, key: string, field: Field, visitor: MessageVisitor): void {
  const { value, param, kind, named } = field;
  if (typeof value === "string") walkString(holder, key, value, field, visitor);
  else if (isObject(value)) walkObject(value, param, kind, visitor);
  else if (Array.isArray(value)) {
    for (const [at, element] of value.entries()) {
      walkField(value, String(at), { value: element, param: `${param}[${at}]`, kind, named }, visitor);
    }
  }
}

function walkString(holder: object, key: string, value: string, field: Field, visitor: MessageVisitor): void {
  if (value === "") return;
  // What looks like a medium in place of a text is text to its maker, and may be a medium to another server.
  const isText = isTextDocument(holder, field.named);
  const isMedium =
    !textFields.has(key) && ((!isText && mediaFields.has(field.named)) || isUrl(value) || isEncoded(value));
  if (isText || !isMedium) visitor.text(value);
  if (!isMedium) return;
  // A server that writes it as Markdown ends it at a bracket, and takes what follows for text.
  visitor.reference(value.includes("![") ? value : value.slice(-END_CHARACTERS));
  const isGathered = visitor.media.add({
    kind: field.kind,
    value,
    param: field.param,
    mediaTypes: mediaTypesIn(holder),
    format: "format" in holder && typeof holder.format === "string" ? holder.format : null,
    fileNames: fileNamesIn(holder),
    detail: detailIn(holder, key),
    isText,
  });
  if (isGathered) visitor.data(holder, key);
}

/** What a model said before: texts, whatever they look like, and no media. */
function walkAnswer(value: unknown, param: string, visitor: MessageVisitor): void {
  if (typeof value === "string") visitor.text(value);
  else if (Array.isArray(value)) {
    for (const [at, element] of value.entries()) walkAnswer(element, `${param}[${at}]`, visitor);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const inner = value[key];
      if (inner === null) continue;
      if (isSealed(key, value.type)) walkSealed(inner, below(param, key), visitor);
      else if (fieldsInAnswers.has(key)) walkAnswer(inner, below(param, key), visitor);
      else if (jsonInAnswers.has(key)) walkArguments(inner, visitor);
      else {
        visitor.media.addUnbounded(below(param, key));
        walkJson(inner, visitor);
      }
    }
    noteUnknownType(value.type, typesInAnswers, param, visitor);
  }
}

function walkSealed(value: unknown, param: string, visitor: MessageVisitor): void {
  if (typeof value === "string") {
    visitor.label(value);
    visitor.media.addSealed(value);
  } else if (Array.isArray(value)) for (const element of value) walkSealed(element, param, visitor);
  else walkAnswer(value, param, visitor);
}

function walkArguments(value: unknown, visitor: MessageVisitor): void {
  visitor.arguments(value);
  walkJson(value, visitor);
}

/** Every string in a value without media, the names included. */
function walkJson(value: unknown, visitor: MessageVisitor): void {
  if (typeof value === "string") visitor.text(value);
  else if (Array.isArray(value)) {
    for (const element of value) walkJson(element, visitor);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      visitor.label(name);
      walkJson(inner, visitor);
    }
  }
}

const below = (param: string, key: string): string =>
  key.length > MOST_NAME_CHARACTERS ? param : `${param}.${key}`;

/** A text document has its text where others have their bytes. */
const isTextDocument = (holder: object, named: string): boolean =>
  named === "data" && "type" in holder && holder.type === "text";

const fileNamesIn = (holder: object): readonly string[] =>
  FILE_NAMES.flatMap((name) => {
    const value: unknown = Reflect.get(holder, name);
    return typeof value === "string" ? [value] : [];
  });

/**
 * The detail beside a URL, or in a part that has the URL as a text: elsewhere a server may not read it. The source of a
 * message's picture has none.
 */
function detailIn(holder: object, key: string): ImageDetail {
  if (!("detail" in holder) || ("type" in holder && holder.type === "url")) return null;
  const { detail } = holder;
  if (detail === "original") return detail;
  const isRead = key === "url" || ("type" in holder && holder.type === "input_image");
  return isRead && (detail === "low" || detail === "high") ? detail : null;
}

const mediaTypesIn = (holder: object): readonly string[] =>
  MEDIA_TYPES.flatMap((name) => {
    const value: unknown = Reflect.get(holder, name);
    return typeof value === "string" ? [value.trim().toLowerCase()] : [];
  });
