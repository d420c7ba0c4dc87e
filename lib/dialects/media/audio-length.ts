import { decodeHead, readsAlike } from "./decode-head";
import { mp3FrameAt, mp3Frames } from "./mp3-length";

const HEAD_BYTES = 8_192;
/** Metadata may be before the samples of WAV. */
const LONG_HEAD_BYTES = 512 * 1024;
/** The lowest bit rate of MPEG audio, 8 kbit/s (ISO 13818-3), in frames of whole bytes. */
const LEAST_MP3_BYTES_PER_S = 990;
/** Formats whose bytes per second are fixed: PCM, floating point, A-law and µ-law. */
const UNCOMPRESSED = new Set([1, 3, 6, 7]);
/** A header that names the format later, in the first bytes of its sub-format (WAVEFORMATEXTENSIBLE). */
const EXTENSIBLE = 0xfffe;

/** What a recording likely lasts, and what it can last at most. */
export type AudioLength = { seconds: number; mostSeconds: number };

/**
 * Reads how long a recording is from its base64 text: WAV by the byte rate in its header, MP3 by its
 * frames, and at most by its size.
 * @returns null for other formats: their length is not bounded by their size; and if another decoder may read another head
 */
export function readAudio(base64: string): AudioLength | null {
  if (!readsAlike(base64, LONG_HEAD_BYTES)) return null;
  const bytes = Math.floor((base64.length * 3) / 4);
  const head = decodeHead(base64, HEAD_BYTES);
  if (head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WAVE") {
    return wavLength(head, bytes) ?? wavLength(decodeHead(base64, LONG_HEAD_BYTES), bytes);
  }
  const start = afterTag(head);
  if (mp3FrameAt(head, start) === null) return null;
  const mostSeconds = bytes / LEAST_MP3_BYTES_PER_S;
  const { seconds, otherBytes } = mp3Frames(Buffer.from(base64, "base64"), start);
  return { seconds: Math.min(mostSeconds, seconds + otherBytes / LEAST_MP3_BYTES_PER_S), mostSeconds };
}

const WAV = /^(?:audio\/)?(?:x-|vnd\.)?(?:wav|wave)$/;
const MP3 = /^(?:audio\/)?(?:x-)?(?:mp3|mpeg3?|mpga)$/;

/**
 * The same for a recording that is declared as something: which decoder a provider chooses by that is not documented, and
 * one for MP3 finds frames behind any header.
 * @param declared media types or names of formats
 * @returns null, too, if another decoder may read it
 */
export function declaredAudio(base64: string, declared: readonly string[]): AudioLength | null {
  const length = readAudio(base64);
  const names = declared.map((name) => name.replace(/;.*$/s, "").trim().toLowerCase());
  const others = names.filter((name) => !WAV.test(name));
  if (length === null || others.length === 0) return length;
  if (!others.every((name) => MP3.test(name))) return null;
  const mostAsMp3 = (base64.length * 3) / 4 / LEAST_MP3_BYTES_PER_S;
  return { ...length, mostSeconds: Math.max(length.mostSeconds, mostAsMp3) };
}

/** Of two formats before the samples, some readers take the first and some the last: then it is not known. */
function wavLength(head: Buffer, bytes: number): AudioLength | null {
  let length: AudioLength | null = null;
  for (let at = 12; at + 8 <= head.length; ) {
    const type = head.toString("latin1", at, at + 4);
    if (type === "data") return length;
    if (type === "fmt ") {
      if (length !== null) return null;
      length = lengthIn(head, at, bytes);
      if (length === null) return null;
    }
    const chunkBytes = head.readUInt32LE(at + 4);
    at += 8 + chunkBytes + (chunkBytes % 2);
  }
  return null;
}

/** By the chunk that names the format. */
function lengthIn(head: Buffer, at: number, bytes: number): AudioLength | null {
  if (at + 24 > head.length || !UNCOMPRESSED.has(wavFormat(head, at))) return null;
  const samplesPerSecond = head.readUInt32LE(at + 12);
  // The size of a sample is stated twice and the byte rate besides; either may be false.
  const samplesBytes = (head.readUInt16LE(at + 10) * head.readUInt16LE(at + 22)) / 8;
  const bytesPerSample = Math.max(1, Math.min(head.readUInt16LE(at + 20), samplesBytes));
  const slowest = Math.min(samplesPerSecond * bytesPerSample, head.readUInt32LE(at + 16));
  return slowest === 0 ? null : { seconds: bytes / slowest, mostSeconds: bytes / slowest };
}

/** The format of the chunk that begins there; 0, which is none, for one that is cut off. */
function wavFormat(head: Buffer, chunkAt: number): number {
  const format = head.readUInt16LE(chunkAt + 8);
  if (format !== EXTENSIBLE) return format;
  return chunkAt + 34 <= head.length ? head.readUInt16LE(chunkAt + 32) : 0;
}

/** Where the frames begin: after an ID3 tag, if there is one. */
function afterTag(head: Buffer): number {
  if (head.toString("latin1", 0, 3) !== "ID3" || head.length < 10) return 0;
  // Four times seven bits.
  let size = 10;
  for (let at = 6; at < 10; at++) size += ((head[at] ?? 0) & 0x7f) << (7 * (9 - at));
  return size;
}
