import { inflateSync } from "node:zlib";

/** Pages may be described in compressed streams; this much of them is unpacked: of a file, and of all in a body. */
const MOST_STREAMS = 16;
const MOST_STREAMS_OF_BODY = 64;
const MOST_STREAM_BYTES = 64 * 1024;
/** What zlib's form adds to bytes that cannot be compressed, generously. */
const FRAMING_BYTES = 1_024;
/** For a document that cannot be read. */
const BYTES_PER_PAGE = 50_000;

/** How many streams may still be unpacked: to begin with one takes longer than to read many small files. */
export type Unpacking = { streamsLeft: number };

export const newUnpacking = (): Unpacking => ({ streamsLeft: MOST_STREAMS_OF_BODY });

const TYPE = Buffer.from("/Type");
/** Between a key and its value. */
const MOST_SPACES = 7;

/**
 * Estimates the pages of a PDF file: page objects as they are written, else those in compressed object streams,
 * else by the size. An estimate only: a file can show the same object on many pages.
 */
export function pagesIn(pdf: Buffer, unpacking: Unpacking): number {
  return pageObjectsIn(pdf) || pagesInStreams(pdf, unpacking) || Math.ceil(pdf.length / BYTES_PER_PAGE);
}

/** `/Type /Page`, but not `/Pages` and the like. */
function pageObjectsIn(pdf: Buffer): number {
  let pages = 0;
  for (let at = pdf.indexOf("/Page"); at !== -1; at = pdf.indexOf("/Page", at + 5)) {
    if (!isLetter(pdf[at + 5]) && isTypeBefore(pdf, at)) pages += 1;
  }
  return pages;
}

/** Whether `/Type` ends there, with a few spaces at most. */
function isTypeBefore(pdf: Buffer, at: number): boolean {
  let end = at;
  while (end > at - MOST_SPACES && isSpace(pdf[end - 1])) end -= 1;
  return TYPE.every((byte, place) => pdf[end - TYPE.length + place] === byte);
}

/** The page objects in object streams (ISO 32000-1, 7.5.7), or the number of pages that they state. */
function pagesInStreams(pdf: Buffer, unpacking: Unpacking): number {
  let [pages, stated, streams] = [0, 0, 0];
  for (let at = pdf.indexOf("/ObjStm"); at !== -1; streams++) {
    const keyword = pdf.indexOf("stream", at + 7);
    if (keyword === -1 || streams === MOST_STREAMS || unpacking.streamsLeft === 0) break;
    unpacking.streamsLeft -= 1;
    const start = keyword + (pdf[keyword + 6] === 0x0d ? 8 : 7);
    // What is unpacked into no more is hardly longer itself.
    const packed = pdf.subarray(start, start + MOST_STREAM_BYTES + FRAMING_BYTES);
    const end = packed.indexOf("endstream");
    const objects = inflated(end === -1 ? packed : packed.subarray(0, end));
    // No byte is unpacked twice.
    at = pdf.indexOf("/ObjStm", start + (end === -1 ? packed.length : end));
    if (objects === null) continue;
    pages += pageObjectsIn(objects);
    for (const [, count] of objects.toString("latin1").matchAll(/\/Count\s+(\d{1,5})\b/g)) {
      stated = Math.max(stated, Number(count));
    }
  }
  return Math.max(pages, stated);
}

function inflated(bytes: Buffer): Buffer | null {
  try {
    return inflateSync(bytes, { maxOutputLength: MOST_STREAM_BYTES });
  } catch {
    return null;
  }
}

const isLetter = (byte = 0): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

const isSpace = (byte = 0): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
