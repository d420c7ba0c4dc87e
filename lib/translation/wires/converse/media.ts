import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { MediaBlock, Source } from "#lib/translation/turn";
import type { Notes } from "#lib/translation/wires/notes";
import { unrepeatedNames } from "#lib/translation/wires/unrepeated-names";
import type { ConverseTraits } from "./models";

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html */
const IMAGES: ReadonlyMap<string, string> = new Map([
  ["image/png", "png"],
  ["image/jpeg", "jpeg"],
  ["image/jpg", "jpeg"],
  ["image/gif", "gif"],
  ["image/webp", "webp"],
]);
/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html */
const DOCUMENTS: ReadonlyMap<string, string> = new Map([
  ["application/pdf", "pdf"],
  ["text/csv", "csv"],
  ["application/msword", "doc"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"],
  ["application/vnd.ms-excel", "xls"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"],
  ["text/html", "html"],
  ["text/markdown", "md"],
]);

/** Names of documents, of which a request may have each once. */
export type DocumentNames = (title: string | null) => string;

/** A name may have letters, digits, single spaces, hyphens, parentheses and brackets. */
export function documentNames(): DocumentNames {
  const unrepeated = unrepeatedNames({ stemOf: (name) => name, suffix: (count) => ` (${count})` });
  return (title) => {
    const safe = (title ?? "")
      .replace(/\.[A-Za-z0-9]{1,5}$/, "")
      .replace(/[^A-Za-z0-9()[\]-]+/g, " ")
      .trim()
      .slice(0, MOST_OF_NAME);
    return unrepeated(safe || "document");
  };
}
const MOST_OF_NAME = 180;

/** A picture or a document; nothing for what Bedrock does not take. It fetches nothing. */
export function mediaBlock(
  block: MediaBlock,
  { documents: names, notes, traits }: { documents: DocumentNames; notes: Notes; traits: ConverseTraits },
): JsonObject[] {
  const { kind, source } = block;
  const refused = (why: string): JsonObject[] => {
    notes.refuse(block, why);
    return [];
  };
  if (kind === "audio") return refused("recordings are not supported");
  if (source.kind === "url") return refused("it must be given as data, since it is not fetched");
  if (kind === "image" && source.kind === "data") {
    const format = IMAGES.get(source.mediaType || "image/jpeg");
    return format === undefined
      ? refused("pictures must be PNG, JPEG, GIF or WebP")
      : [{ image: { format, source: { bytes: source.base64 } } }];
  }
  const document = documentOf(source);
  if (document === null) return refused("documents of this type are not supported");
  const isCited = block.isCited && traits.hasCitations;
  if (block.isCited && !isCited) notes.dropped.push(`${block.at}.citations`);
  const citations = isCited ? { citations: { enabled: true } } : {};
  return [{ document: { ...document, name: names(block.title), ...citations } }];
}

function documentOf(source: Exclude<Source, { kind: "url" }>): JsonObject | null {
  if (source.kind === "text")
    return { format: "txt", source: { bytes: Buffer.from(source.text).toString("base64") } };
  const type = source.mediaType || "application/pdf";
  const format = DOCUMENTS.get(type) ?? (type.startsWith("text/") ? "txt" : undefined);
  return format === undefined ? null : { format, source: { bytes: source.base64 } };
}
