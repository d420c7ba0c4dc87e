/** Kilobits per second by the index in a frame's header (ISO 11172-3 and 13818-3, layer III). */
const KBITS_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLES_PER_S = [44_100, 48_000, 32_000];
const SAMPLES_MPEG1 = 1_152;
const SAMPLES_MPEG2 = 576;

const SYNC = 0xff;
const MOST_OTHER_BYTES = 1_048_576;
const MPEG2 = 2;
const MPEG2_5 = 0;
const MPEG1 = 3;

export type Mp3Frame = { bytes: number; seconds: number };

/** The layer III frame whose header begins there; null without one. AAC looks alike but for the layer. */
export function mp3FrameAt(file: Buffer, at: number): Mp3Frame | null {
  if (!isSync(file, at)) return null;
  const layer = file[at + 1] ?? 0;
  const rate = file[at + 2] ?? 0;
  const version = (layer >> 3) & 3;
  if (version !== MPEG1 && version !== MPEG2 && version !== MPEG2_5) return null;
  const isFirst = version === MPEG1;
  const kilobits = (isFirst ? KBITS_MPEG1 : KBITS_MPEG2)[rate >> 4] ?? 0;
  const samplesPerS = (SAMPLES_PER_S[(rate >> 2) & 3] ?? 0) / (isFirst ? 1 : version === MPEG2 ? 2 : 4);
  if (kilobits === 0 || samplesPerS === 0) return null;
  const samples = isFirst ? SAMPLES_MPEG1 : SAMPLES_MPEG2;
  const bytes = Math.floor(((samples / 8) * kilobits * 1_000) / samplesPerS) + ((rate >> 1) & 1);
  return { bytes, seconds: samples / samplesPerS };
}

/** Whether layer III may begin there. */
const isSync = (file: Buffer, at: number): boolean =>
  file[at] === SYNC && ((file[at + 1] ?? 0) & 0xe6) === 0xe2;

/**
 * What the frames of a file last, and how many of its bytes are none. A file with a megabyte of such bytes is not
 * read to its end: the rest counts as none.
 */
export function mp3Frames(file: Buffer, from: number): { seconds: number; otherBytes: number } {
  let seconds = 0;
  let otherBytes = 0;
  for (let at = from; at < file.length; ) {
    const frame = mp3FrameAt(file, at);
    if (frame !== null) {
      seconds += frame.seconds;
      at += frame.bytes;
      continue;
    }
    if (otherBytes > MOST_OTHER_BYTES) return { seconds, otherBytes: otherBytes + file.length - at };
    let end = at + 1;
    while (end < file.length && !isSync(file, end)) end += 1;
    otherBytes += end - at;
    at = end;
  }
  return { seconds, otherBytes };
}
