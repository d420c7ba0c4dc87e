import { decodeHead, readsAlike } from "./decode-head";

/** Enough for PNG, GIF, WebP and most JPEG files. */
const HEAD_BYTES = 4_096;
/** A file may carry long metadata and a preview before its frame or its data. */
const LONG_HEAD_BYTES = 512 * 1024;

type Size = { width: number; height: number };

/**
 * Reads the size of a picture from its base64 text, of which only the head is decoded.
 * @returns null for what is no picture of a known kind; a size of null if only the kind is known, or another decoder may read
 *   another size
 */
export function readImage(base64: string): { size: Size | null } | null {
  for (const bytes of [HEAD_BYTES, LONG_HEAD_BYTES]) {
    const image = imageIn(decodeHead(base64, bytes));
    if (image === null) return null;
    if (image.size !== null) return readsAlike(base64, bytes) ? image : UNSIZED;
  }
  return UNSIZED;
}

const UNSIZED = { size: null };

function imageIn(head: Buffer): { size: Size | null } | null {
  if (head.length < 12) return null;
  if (head.readUInt32BE(0) === 0x89504e47) return { size: pngSize(head) };
  if (startsWith(head, 0, "GIF8")) return { size: gifSize(head) };
  if (startsWith(head, 0, "RIFF") && startsWith(head, 8, "WEBP")) return { size: webpSize(head) };
  if (head.readUInt16BE(0) === 0xffd8) return { size: jpegSize(head) };
  const isOther =
    startsWith(head, 0, "BM") ||
    startsWith(head, 0, "II*\0") ||
    startsWith(head, 0, "MM\0*") ||
    (startsWith(head, 4, "ftyp") && /^(?:heic|heix|mif1|avif)/.test(head.toString("latin1", 8, 12)));
  return isOther ? UNSIZED : null;
}

const startsWith = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString("latin1", at, at + text.length) === text;

const sizeOf = (width: number, height: number): Size | null =>
  width > 0 && height > 0 ? { width, height } : null;

/**
 * The first chunk says it: some readers skip others, which could say anything in its place. Some take the last that says it
 * before the data.
 */
function pngSize(head: Buffer): Size | null {
  const isFirst = head.length >= 24 && startsWith(head, 12, "IHDR");
  return isFirst && isOnlyHeader(head) ? sizeOf(head.readUInt32BE(16), head.readUInt32BE(20)) : null;
}

/** A chunk's length, type and checksum. */
const CHUNK_BYTES = 12;

/** Whether no other header comes before the data, as far as that can be told. */
function isOnlyHeader(bytes: Buffer): boolean {
  for (let at = 8 + CHUNK_BYTES + bytes.readUInt32BE(8); at + 8 <= bytes.length; ) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") return true;
    if (type === "IHDR") return false;
    at += CHUNK_BYTES + bytes.readUInt32BE(at);
  }
  return false;
}

const GIF_HEAD_BYTES = 13;
const EXTENSION = 0x21;
const FRAME = 0x2c;

/** Some readers take a picture for as large as its first frame, if that reaches beyond its screen. */
function gifSize(bytes: Buffer): Size | null {
  if (bytes.length < GIF_HEAD_BYTES) return null;
  const flags = bytes[10] ?? 0;
  let at = GIF_HEAD_BYTES + (flags & 0x80 ? 3 << ((flags & 0x07) + 1) : 0);
  while (bytes[at] === EXTENSION) {
    at += 2;
    for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) at += 1 + length;
    at += 1;
  }
  if (bytes[at] !== FRAME || at + 9 > bytes.length) return null;
  return sizeOf(
    Math.max(bytes.readUInt16LE(6), bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5)),
    Math.max(bytes.readUInt16LE(8), bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7)),
  );
}

/** Its three forms: lossy, lossless and extended (Google's WebP container specification). */
function webpSize(head: Buffer): Size | null {
  if (head.length < 30) return null;
  switch (head.toString("latin1", 12, 16)) {
    case "VP8 ":
      return sizeOf(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
    case "VP8L": {
      const bits = head.readUInt32LE(21);
      return sizeOf((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case "VP8X":
      return sizeOf(head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1);
    default:
      return null;
  }
}

/** Walks the segments up to the frame header (ITU T.81, B.2.2). */
function jpegSize(bytes: Buffer): Size | null {
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return sizeOf(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
    // A fill byte.
    if (marker === 0xff) at += 1;
    // Without a length: readers skip restarts, and what else there may be is no segment.
    else if (marker >= 0xd0 && marker <= 0xd7) at += 2;
    else if (marker === 0x00 || marker === 0x01 || marker === 0xd8 || marker === 0xd9) return null;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
