import { isEncoded, isUrl, type MediaGatherer, type MediaKind } from "#lib/dialects/media/gather-media";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** What a walk over messages meets. */
export type MessageVisitor = {
  media: MediaGatherer;
  text: (text: string) => void;
  /** Called for data that was gathered, with the object and the key that hold it. */
  data: (holder: object, key: string) => void;
};

/** Text for the model, whatever it looks like. */
const TEXT_FIELDS = new Set([
  "text",
  "content",
  "refusal",
  "thinking",
  "reasoning",
  "reasoning_content",
  "arguments",
  "name",
  "title",
  "description",
  "context",
]);
/** Whatever is in them is text or was the provider's own answer. */
const TEXT_TREES = new Set([
  "tool_calls",
  "function_call",
  "arguments",
  "annotations",
  "citations",
  "reasoning_details",
  "metadata",
]);
/** Says something about another field. */
const LABELS = new Set([
  "role",
  "type",
  "detail",
  "format",
  "filename",
  "media_type",
  "mime_type",
  "id",
  "cache_control",
  "signature",
  "thought_signature",
  "encrypted_content",
]);
/** What a part or a field of one holds, in the names of OpenAI and of servers that extend its dialect. */
const KINDS: Readonly<Record<string, MediaKind>> = {
  image: "image",
  image_url: "image",
  input_image: "image",
  images: "image",
  audio: "audio",
  audio_url: "audio",
  input_audio: "audio",
};
/** Where a string is a URL or data, whatever it looks like. */
const REFERENCES = new Set([
  "url",
  "uri",
  "file_url",
  "file_uri",
  "image_url",
  "audio_url",
  "video_url",
  "document_url",
]);
const DATA = new Set(["data", "file_data", "b64_json"]);
/** Parts whose other strings are opaque tokens, not media. */
const OPAQUE_PARTS = new Set(["thinking", "redacted_thinking", "reasoning", "reasoning.encrypted"]);

/** Walks over messages: every text, and every picture, recording and document. */
export function walkMessages(messages: readonly JsonObject[], visitor: MessageVisitor): void {
  for (const [at, message] of messages.entries()) walkObject(message, `messages[${at}]`, null, visitor);
}

function walkObject(
  holder: JsonObject,
  param: string,
  kind: MediaKind | null,
  visitor: MessageVisitor,
): void {
  const type = typeof holder.type === "string" ? holder.type : "";
  if (OPAQUE_PARTS.has(type)) {
    walkTexts(holder, visitor);
    return;
  }
  const own = KINDS[type] ?? kind;
  for (const key of Object.keys(holder)) {
    const value = holder[key];
    if (value === null || typeof value === "number" || typeof value === "boolean") continue;
    if (typeof value === "string") walkString(holder, key, value, `${param}.${key}`, own, visitor);
    else if (TEXT_TREES.has(key)) walkTexts(value, visitor);
    else walkValue(value, key.length > 100 ? param : `${param}.${key}`, KINDS[key] ?? own, visitor);
  }
}

function walkValue(value: unknown, param: string, kind: MediaKind | null, visitor: MessageVisitor): void {
  if (isObject(value)) walkObject(value, param, kind, visitor);
  else if (Array.isArray(value)) {
    for (const [at, element] of value.entries()) {
      if (typeof element === "string")
        walkString(value, String(at), element, `${param}[${at}]`, kind, visitor);
      else walkValue(element, `${param}[${at}]`, kind, visitor);
    }
  }
}

function walkString(
  holder: object,
  key: string,
  value: string,
  param: string,
  kind: MediaKind | null,
  visitor: MessageVisitor,
): void {
  if (value === "" || LABELS.has(key) || key.endsWith("_id")) return;
  if (TEXT_FIELDS.has(key) || !isMedium(holder, key, value)) {
    visitor.text(value);
    return;
  }
  const isGathered = visitor.media.add({
    kind: KINDS[key] ?? kind ?? "document",
    value,
    param,
    mediaType: mediaTypeIn(holder),
    isLowDetail: "detail" in holder && holder.detail === "low",
  });
  if (isGathered) visitor.data(holder, key);
}

/** Every string in a value without media. */
function walkTexts(value: unknown, visitor: MessageVisitor): void {
  if (typeof value === "string") visitor.text(value);
  else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) walkTexts(inner, visitor);
  }
}

const isMedium = (holder: object, key: string, value: string): boolean =>
  REFERENCES.has(key) || isData(holder, key) || isUrl(value) || isEncoded(value);

/** A text document has its text where others have their bytes. */
const isData = (holder: object, key: string): boolean =>
  DATA.has(key) && !("type" in holder && holder.type === "text");

function mediaTypeIn(holder: object): string | null {
  if ("media_type" in holder && typeof holder.media_type === "string") return holder.media_type.toLowerCase();
  if ("mime_type" in holder && typeof holder.mime_type === "string") return holder.mime_type.toLowerCase();
  return null;
}
