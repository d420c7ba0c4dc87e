import { declaredAudio } from "./audio-length";
import { decodeHead, readsAlike } from "./decode-head";
import { readImage } from "./image-size";
import { type GivenImage, type ImageDetail, type Media, NO_MEDIA } from "./media";
import { newUnpacking } from "./pdf-pages";
import { fetchedDocument, type ReadDocument, readDocument } from "./read-document";
import { isContradictory, kindOfType, type MediaKind, type Stated } from "./stated-kinds";
import { FETCHED_SOUND_S, isDocumentForSure, isSoundByHead, likelySoundSeconds } from "./unmeasured-sound";

/** A URL, a data URL or plain base64, and where it is. */
export type GivenMedium = Stated & {
  value: string;
  /** The field's name, for errors. */
  param: string;
  detail: ImageDetail;
  /** Whether it is in place of a text, and may be read as one. */
  isText: boolean;
};

/** Collects what a body carries besides text; the dialect says where it is. */
export type MediaGatherer = {
  /** Adds one; returns whether its characters are data and no text. */
  add: (given: GivenMedium) => boolean;
  /** Adds encrypted reasoning. */
  addSealed: (text: string) => void;
  /** Notes a field that may make the model read more than the body has. */
  addUnbounded: (param: string) => void;
  media: () => Media;
};

/**
 * Base64 may begin with two slashes, but has no dots and no colon. Schemes and media types are not case-sensitive
 * (RFC 2397, RFC 3986); providers have their own for stored files (`ms:`, `asset:`).
 */
const DATA_URL = /^\s*data:([^;,]{0,200})((?:;[^;,]{0,200}){0,8}),/i;
const URL_START =
  /^\s*(?:\/\/[^/\s]*\.|[a-z][a-z0-9+._-]{0,30}:\/\/|(?:https?|ftps?|gs|s3|file|blob|data|video|az|abfss?|wasbs?|hf):)/i;
const HTTP = /^\s*https?:\/\//i;
/**
 * Files that are no pictures, by their names. A fragment is an instruction to the provider: Fireworks reads whatever is
 * there as a document (`#transform=inline`).
 */
const NO_PICTURE =
  /\.(?:pdf|docx?|xlsx?|pptx?|txt|csv|html?|md|mp[34]|mpe?g|mov|avi|webm|mkv|wav|flac|ogg|m4a)(?:[?#]|\s*$)/i;
/** Shorter strings without spaces are names; encoded bytes may have line breaks. */
const ENCODED = /^\s*[A-Za-z0-9+/_=-]{32}/;

/** Whisper's encoder, and so Voxtral, pads each recording to whole windows (docs.mistral.ai/capabilities/audio). */
const WINDOW_S = 30;

/** Whether a string refers to something outside the body, or is a data URL. */
export const isUrl = (value: string): boolean => URL_START.test(value.slice(0, 100));

/** Whether a string may be encoded bytes. */
export const isEncoded = (value: string): boolean => ENCODED.test(value);

const FILM = /^ftyp(?:iso|mp4|avc|qt|M4)/;

const PACKED_HEAD_BYTES = 2_049;

/** Whether data is a PDF, an archive or a film by its beginning, or may be to another decoder, whatever it is declared as. */
function isPacked(base64: string): boolean {
  if (!readsAlike(base64, PACKED_HEAD_BYTES)) return true;
  const head = decodeHead(base64, PACKED_HEAD_BYTES).toString("latin1");
  return head.includes("%PDF-") || head.startsWith("PK\u0003\u0004") || FILM.test(head.slice(4, 12));
}

/** Most bodies have no media, and need nothing to collect them in. */
export function mediaGatherer(): MediaGatherer {
  let filled: MediaGatherer | null = null;
  const filling = () => {
    filled ??= newGatherer();
    return filled;
  };
  return {
    add: (given) => filling().add(given),
    addSealed: (text) => filling().addSealed(text),
    addUnbounded: (param) => filling().addUnbounded(param),
    media: () => filled?.media() ?? NO_MEDIA,
  };
}

function newGatherer(): MediaGatherer {
  const images: GivenImage[] = [];
  const plainTexts: string[] = [];
  const sealedTexts: string[] = [];
  const dataLengths = new Set<number>();
  const unpacking = newUnpacking();
  const media = { ...NO_MEDIA, dataLengths, images, plainTexts, sealedTexts };

  function addImage(
    size: { width: number; height: number } | null,
    { detail, param }: GivenMedium,
    dataCharacters = 0,
  ): void {
    if (size === null && detail !== "low" && detail !== "high") media.unsizedImageParam ??= param;
    images.push({ width: size?.width ?? null, height: size?.height ?? null, detail, dataCharacters });
  }

  function addDocument({ pages, textTokens, mostTextTokens, plainText }: ReadDocument, param: string): void {
    media.documentPages += pages;
    media.documentTextTokens += textTokens;
    if (mostTextTokens === null) media.unboundedParam ??= param;
    else media.mostPlainTextTokens += mostTextTokens;
    if (plainText !== null) plainTexts.push(plainText);
  }

  function addUnbounded(param: string): void {
    media.unboundedParam ??= param;
    media.fileParam ??= param;
    media.mayHaveSound = true;
  }

  function addUnmeasuredSound(seconds: number, param: string): void {
    media.unboundedParam ??= param;
    media.hasUnmeasuredSound = true;
    media.audioSeconds += seconds;
  }

  /** What the provider fetches or decodes may be anything. */
  function addUnread(kind: MediaKind | null, param: string): void {
    if (kind === "audio") addUnmeasuredSound(FETCHED_SOUND_S, param);
    else {
      media.mayHaveSound = true;
      addDocument(fetchedDocument(), param);
    }
  }

  function addFetched(given: GivenMedium): false {
    const { kind, value, param } = given;
    if (kind === "image" && HTTP.test(value) && !NO_PICTURE.test(value) && !value.includes("#")) {
      media.fetchedImageParam ??= param;
      addImage(null, given);
    } else addUnread(kind, param);
    return false;
  }

  function addSound(data: string, type: string | null, { mediaTypes, format, param }: GivenMedium): void {
    const names = [type, ...mediaTypes, format].filter((name) => name !== null);
    const length = declaredAudio(data, names);
    if (length === null) {
      addUnmeasuredSound(likelySoundSeconds(data, names), param);
      return;
    }
    media.audioSeconds += length.seconds;
    media.mostAudioSeconds += Math.max(1, Math.ceil(length.mostSeconds / WINDOW_S)) * WINDOW_S;
  }

  function addData(data: string, type: string | null, given: GivenMedium): boolean {
    const { kind, param, value } = given;
    const declared = kindOfType(type) ?? kind ?? "document";
    // A file may be looked into, whatever it is declared as.
    if (isContradictory(given, type) || (kind === null && declared !== "document" && isPacked(data)))
      addUnbounded(param);
    if (declared === "image") {
      const image = readImage(data);
      addImage(image?.size ?? null, given, image === null || given.isText ? 0 : data.length);
      if (image === null) {
        // The characters of what is no known picture are bounded as text besides, but not what servers unpack.
        if (isPacked(data) || isSoundByHead(data)) addUnbounded(param);
        return false;
      }
    } else if (declared === "audio") addSound(data, type, given);
    else {
      addDocument(readDocument(data, type, given.fileNames, unpacking), param);
      if (!given.isText && !isDocumentForSure(data, type)) media.mayHaveSound = true;
    }
    if (given.isText) return false;
    media.dataCharacters += data.length;
    dataLengths.add(value.length);
    return true;
  }

  return {
    add: (given) => {
      const { value, kind, param } = given;
      if (kind === null || kind === "document") media.fileParam ??= param;
      const url = DATA_URL.exec(value.slice(0, 2_000));
      if (url === null)
        return isUrl(value) ? addFetched(given) : addData(value, given.mediaTypes[0] ?? null, given);
      const [head, type = "", parameters = ""] = url;
      if (/;\s*base64\s*$/i.test(parameters)) {
        return addData(value.slice(head.length), type.trim().toLowerCase() || null, given);
      }
      // Percent-encoded: rare, and not looked into.
      addUnread(kindOfType(type.trim().toLowerCase() || null) ?? kind, param);
      return false;
    },
    addSealed: (text) => {
      sealedTexts.push(text);
    },
    addUnbounded,
    media: () => media,
  };
}
