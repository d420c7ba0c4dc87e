import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { MediaBlock } from "#lib/translation/turn";
import type { Notes } from "#lib/translation/wires/notes";

type Kind = MediaBlock["kind"];

/**
 * What each kind may be. A film, or a document that passes for a picture, would be read at a price that nothing holds
 * for (ai.google.dev/gemini-api/docs/tokens#multimodal-tokens).
 */
const TYPES: Readonly<Record<Kind, RegExp>> = {
  image: /^image\/[\w.+-]+$/,
  audio: /^audio\/[\w.+-]+$/,
  document: /^(?:application\/pdf|text\/[\w.+-]+)$/,
};
const DEFAULT_TYPES: Readonly<Record<Kind, string>> = {
  image: "image/jpeg",
  audio: "audio/wav",
  document: "application/pdf",
};
const TYPE_OF_EXTENSION: Readonly<Record<string, string>> = {
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
  mp3: "audio/mp3",
};

/** Hosts whose addresses mean more to Google than what can be fetched there: films, and files that tenants would share. */
const GOOGLES_OWN =
  /(?:^|\.)(?:youtube\.com|youtu\.be|youtube-nocookie\.com|googleapis\.com|google\.com|googleusercontent\.com)$/;

/** A medium after its title, for which the API has no place but a text; nothing if it is refused. */
export function titledMedia(block: MediaBlock, notes: Notes): JsonObject[] {
  const parts = mediaPart(block, notes);
  return block.title === null || parts.length === 0 ? parts : [{ text: block.title }, ...parts];
}

/** A medium as a part; none if it is refused. Google fetches what has an address, if it can. */
export function mediaPart(block: MediaBlock, notes: Notes): JsonObject[] {
  const { kind, source } = block;
  switch (source.kind) {
    case "data": {
      const mimeType = source.mediaType || DEFAULT_TYPES[kind];
      if (TYPES[kind].test(mimeType)) return [{ inlineData: { mimeType, data: source.base64 } }];
      notes.refuse(block, `data of the type ${mimeType.slice(0, 100)} are not supported here`);
      return [];
    }
    case "url": {
      const url = fetchable(source.url);
      if (url !== null) return [{ fileData: { fileUri: source.url, mimeType: typeOfUrl(url, kind) } }];
      notes.refuse(block, "media at this address are not supported");
      return [];
    }
    case "text":
      return [{ text: source.text }];
  }
}

/** What is before the path of an address. */
const AUTHORITY = /^[\0-\x20]*https?:[/\\]*([^/\\?#]*)/i;
/** A name of a host has 253 characters. Node takes time that grows with its square to normalize one with combining marks. */
const LONGEST_AUTHORITY = 300;

/** An address that Google can fetch; null for any other. */
function fetchable(url: string): URL | null {
  const [, authority] = AUTHORITY.exec(url) ?? [];
  if (authority === undefined || authority.length > LONGEST_AUTHORITY || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  return GOOGLES_OWN.test(parsed.hostname.replace(/\.$/, "")) ? null : parsed;
}

function typeOfUrl({ pathname }: URL, kind: Kind): string {
  const [, extension = ""] = /\.([a-z0-9]{2,5})$/i.exec(pathname) ?? [];
  const type = TYPE_OF_EXTENSION[extension.toLowerCase()];
  return type !== undefined && TYPES[kind].test(type) ? type : DEFAULT_TYPES[kind];
}
