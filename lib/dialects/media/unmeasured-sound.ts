import { decodeHead } from "./decode-head";

/** Without loss, of mono at 16 kHz; and compressed, at 48 kbit/s. */
const LOSSLESS = /flac|aif|l16|pcm/;
const LOSSLESS_BYTES_PER_S = 32_000;
const BYTES_PER_S = 6_000;
/** What can be said of a recording that only has a URL. */
export const FETCHED_SOUND_S = 120;

/**
 * What a recording likely lasts whose format does not tell how many bytes a second has: silence has next to none, so that
 * nothing bounds it but the context window.
 * @param names media types or names of formats
 */
export function likelySoundSeconds(base64: string, names: readonly string[]): number {
  const bytes = (base64.length * 3) / 4;
  return bytes / (names.some((name) => LOSSLESS.test(name)) ? LOSSLESS_BYTES_PER_S : BYTES_PER_S);
}

const HEAD_BYTES = 2_049;
/** FLAC, OGG, AIFF, WAV and AVI, AMR, MP3 after a tag, Flash, Matroska, Windows Media, MPEG. */
const SOUND_HEADS = [
  "fLaC",
  "OggS",
  "FORM",
  "RIFF",
  "#!AMR",
  "ID3",
  "FLV",
  "\u001aE\u00df\u00a3",
  "0&\u00b2u",
  "\u0000\u0000\u0001\u00ba",
  "\u0000\u0000\u0001\u00b3",
];
/** Frames of MP3 and AAC, and MP4 after a length. */
const SOUND_FRAMES = /^(?:\u00ff[\u00e0-\u00ff]|.{4}ftyp)/s;

/** Whether data is a recording or a film by its beginning. */
export const isSoundByHead = (base64: string): boolean => hasSoundHead(headOf(base64));

const PACKED_DOCUMENT =
  /^application\/(?:x-)?(?:pdf|msword|rtf|epub\+zip|vnd\.(?:openxmlformats-|oasis\.|ms-(?:excel|word|powerpoint|outlook)))/;
/** Archives, and what older office software writes; PDF may follow other bytes. */
const DOCUMENT_HEADS = ["PK\u0003\u0004", "\u00d0\u00cf\u0011\u00e0", "{\\rtf"];
const TEXT_DOCUMENT = /^(?:text\/|application\/(?:json|xml)$)/;

/** Whether data is a document by its media type and its beginning, and so no recording. */
export function isDocumentForSure(base64: string, mediaType: string | null): boolean {
  if (mediaType === null) return false;
  const head = headOf(base64);
  if (hasSoundHead(head)) return false;
  if (TEXT_DOCUMENT.test(mediaType)) return !head.includes("\0");
  return PACKED_DOCUMENT.test(mediaType) && (head.includes("%PDF-") || beginsWith(head, DOCUMENT_HEADS));
}

const hasSoundHead = (head: string): boolean => beginsWith(head, SOUND_HEADS) || SOUND_FRAMES.test(head);

const beginsWith = (head: string, beginnings: readonly string[]): boolean =>
  beginnings.some((beginning) => head.startsWith(beginning));

const headOf = (base64: string): string => decodeHead(base64, HEAD_BYTES).toString("latin1");
