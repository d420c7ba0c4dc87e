import { inflateSync } from "node:zlib";

/** Pages may be described in compressed streams; this much of them is unpacked. */
const MOST_STREAMS = 16;
const MOST_STREAM_BYTES = 64 * 1024;
/** For a document that cannot be read. */
const BYTES_PER_PAGE = 50_000;

/**
 * Estimates the pages of a PDF file: page objects as they are written, else those in compressed object streams,
 * else by the size. An estimate only: a file can show the same object on many pages.
 */
export function pagesIn(pdf: Buffer): number {
  return pageObjectsIn(pdf) || pagesInStreams(pdf) || Math.ceil(pdf.length / BYTES_PER_PAGE);
}

/** `/Type /Page`, but not `/Pages` and the like. */
function pageObjectsIn(pdf: Buffer): number {
  let pages = 0;
  for (let at = pdf.indexOf("/Page"); at !== -1; at = pdf.indexOf("/Page", at + 5)) {
    if (isLetter(pdf[at + 5])) continue;
    if (/\/Type\s*$/.test(pdf.toString("latin1", Math.max(0, at - 12), at))) pages += 1;
  }
  return pages;
}

/** The page objects in object streams (ISO 32000-1, 7.5.7), or the number of pages that they state. */
function pagesInStreams(pdf: Buffer): number {
  let [pages, stated, streams] = [0, 0, 0];
  for (let at = pdf.indexOf("/ObjStm"); at !== -1; at = pdf.indexOf("/ObjStm", at + 7)) {
    const keyword = pdf.indexOf("stream", at + 7);
    streams += 1;
    if (keyword === -1 || streams > MOST_STREAMS) break;
    const start = keyword + (pdf[keyword + 6] === 0x0d ? 8 : 7);
    const end = pdf.indexOf("endstream", start);
    const objects = inflated(pdf.subarray(start, end === -1 ? pdf.length : end));
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
