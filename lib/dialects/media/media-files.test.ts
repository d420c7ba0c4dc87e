import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cpuRatio, quickestMs } from "#lib/testing/promptness";
import { declaredAudio, readAudio } from "./audio-length";
import { mediaGatherer } from "./gather-media";
import { readImage } from "./image-size";
import { readDocument } from "./read-document";
import { extensibleWav, gif, jpeg, mp3, pdf, png, wav, webp } from "./testing/media-files";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A chunk of a PNG file. */
function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
}

describe("the size of a picture", () => {
  test.each<[string, string, number, number]>([
    ["PNG", png(1024, 768), 1024, 768],
    ["JPEG after long metadata", jpeg(4032, 3024), 4032, 3024],
    ["GIF", gif(320, 200), 320, 200],
    ["lossy WebP", webp(1200, 628, "VP8 "), 1200, 628],
    ["lossless WebP", webp(1200, 628, "VP8L"), 1200, 628],
    ["extended WebP", webp(5000, 3000, "VP8X"), 5000, 3000],
  ])("is read from the head: %s", (_, file, width, height) => {
    expect(readImage(file)).toEqual({ size: { width, height } });
  });

  test.each([
    ["a picture without a size", png(0, 10), { size: null }],
    ["a cut JPEG", base64("\u00ff"), null],
    ["text", base64("I am a picture, believe me. ".repeat(9)), null],
    ["nothing", "", null],
    ["no base64", "ä".repeat(50), null],
  ])("is unknown for %s", (_, file, expected) => {
    expect(readImage(file)).toEqual(expected);
  });

  /** Each bit behind the sign moves for a decoder that leaves it out. */
  const withSign = (file: string, sign: string, at: number) => file.slice(0, at) + sign + file.slice(at);

  test.each(
    [png(64, 64), jpeg(64, 64), gif(64, 64), webp(64, 64, "VP8L")].flatMap((file) =>
      ["-", "_", "=", "!", "\u00a0"].map((sign) => [file.slice(0, 8), sign, file] as const),
    ),
  )("is unknown if decoders read different bytes: %s with %j", (_, sign, file) => {
    const size = { width: 64, height: 64 };
    expect(readImage(file)).toEqual({ size });
    expect(readImage(withSign(file, sign, 34))?.size ?? null).toBeNull();
    // Line breaks move nothing, and what comes behind what was read may be anything.
    expect(readImage(withSign(file, "\r\n", 34))).toEqual({ size });
    expect(readImage(`${file.replace(/=+$/, "")}${"A".repeat(800_000)}${sign}AA`)).toEqual({ size });
  });

  test("of a GIF is that of its frame if that is larger than its screen", () => {
    const frame = { left: 10, top: 20, width: 9_000, height: 6_000 };
    expect(readImage(gif(1, 1, frame))).toEqual({ size: { width: 9_010, height: 6_020 } });
  });

  /** What some readers skip, with what Tollgate took for a small size in it. */
  const skipped = (head: string, at: number, fake: string) => {
    const file = Buffer.concat([Buffer.from(head, "hex"), Buffer.alloc(at), Buffer.from(fake, "hex")]);
    return Buffer.concat([file, Buffer.alloc(100)]).toString("base64");
  };

  test.each([
    [
      "a PNG with another chunk first",
      skipped("89504e470d0a1a0a0000000874655874", 0, "0000000100000001"),
      null,
    ],
    ["a JPEG with a restart marker", skipped("ffd8ffd0ffe00010", 14, "ffc0001108177023280300"), 9_000],
    ["a JPEG with another beginning within", skipped("ffd8ffd80002", 0, "ffc00011080001000103"), null],
  ])("is not what readers skip: %s", (_, file, width) => {
    expect(readImage(file)?.size?.width ?? null).toBe(width);
  });

  test.each([
    ["right after the first", 0],
    ["after much else", 400_000],
    ["after more than is read", 600_000],
  ])("is unknown for a PNG with a second header %s", (_, textBytes) => {
    const data = Buffer.from(png(1, 1), "base64");
    const text = chunk("tEXt", Buffer.alloc(textBytes));
    const header = chunk("IHDR", data.subarray(16, 29));
    const twice = Buffer.concat([data.subarray(0, 33), text, header, data.subarray(33)]);
    expect(readImage(twice.toString("base64"))).toEqual({ size: null });
    const once = Buffer.concat([data.subarray(0, 33), text, data.subarray(33)]);
    const isRead = textBytes < 500_000;
    expect(readImage(once.toString("base64"))).toEqual({ size: isRead ? { width: 1, height: 1 } : null });
  });

  test("is read in less than a millisecond from 20 MB", async () => {
    const file = png(1024, 1024) + "A".repeat(20_000_000);
    expect(readImage(file)).not.toBeNull();
    expect(await quickestMs(() => readImage(file), 10)).toBeLessThan(1);
  });
});

describe("the length of a recording", () => {
  test("is exact for WAV", () => {
    const length = readAudio(wav(3));
    expect(length?.seconds).toBeCloseTo(3, 1);
    expect(length?.mostSeconds).toBeCloseTo(3, 1);
    expect(readAudio(extensibleWav(3, 1))?.mostSeconds).toBeCloseTo(3, 1);
  });

  test("is at most the longest that the bytes of an MP3 file can be", () => {
    const length = readAudio(mp3(5));
    expect(length?.seconds).toBeCloseTo(5, 1);
    // At 8 kbit/s.
    expect(length?.mostSeconds).toBeCloseTo(80, 0);
  });

  test("is that of the frames of an MP3 file, and bytes that are none count as the slowest", () => {
    expect(readAudio(mp3(60, 0xfff310))?.seconds).toBeCloseTo(60, 1);
    const both = Buffer.concat([Buffer.from(mp3(1), "base64"), Buffer.from(mp3(60, 0xfff310), "base64")]);
    expect(readAudio(both.toString("base64"))?.seconds).toBeCloseTo(61, 1);
    const junk = Buffer.concat([Buffer.from(mp3(1), "base64"), Buffer.alloc(10_000)]);
    expect(readAudio(junk.toString("base64"))?.seconds).toBeCloseTo(11, 0);
  });

  test("of 20 MB of MP3 is read in milliseconds, whatever its bytes are", async () => {
    const start = Buffer.from(mp3(1), "base64");
    for (const fill of [0xff, 0x00]) {
      const file = Buffer.concat([start, Buffer.alloc(20_000_000, fill)]).toString("base64");
      expect(await quickestMs(() => readAudio(file))).toBeLessThan(500);
    }
  });

  test.each([
    ["wav", 3],
    ["audio/x-wav; codecs=1", 3],
    ["audio/vnd.wave", 3],
    ["mp3", 145.5],
    ["audio/MPEG", 145.5],
    ["aac", null],
    ["audio/ogg", null],
  ])("in a file with a WAV header is what another decoder may find, declared as %s", (declared, seconds) => {
    const length = declaredAudio(wav(3), [declared]);
    if (seconds === null) expect(length).toBeNull();
    else expect(length?.mostSeconds).toBeCloseTo(seconds, 0);
    expect(declaredAudio(wav(3), ["wav", declared])).toEqual(length);
  });

  test.each(["-", "_", "=", "%"])(
    "is unknown if decoders read different bytes, with %j in the head",
    (sign) => {
      for (const file of [wav(3), mp3(5)]) {
        expect(readAudio(`${file.slice(0, 40)}${sign}${file.slice(40)}`)).toBeNull();
        expect(readAudio(`${file.slice(0, 40)}\n${file.slice(40)}`)).not.toBeNull();
      }
    },
  );

  test("in MP3 is bounded unless it is declared as what is neither MP3 nor WAV", () => {
    for (const declared of [[], ["mp3"], ["audio/wav"]])
      expect(declaredAudio(mp3(5), declared)).toEqual(readAudio(mp3(5)));
    expect(declaredAudio(mp3(5), ["aac"])).toBeNull();
  });

  test.each([
    ["a format", { format: "mp3" }, 150],
    ["WAV", { format: "wav" }, 30],
    ["a media type", { format: null, mediaTypes: ["audio/mpeg"] }, 150],
    ["a format beside a data URL", { format: "mp3", value: `data:audio/wav;base64,${wav(3)}` }, 150],
  ])("is gathered by all that declares it: %s", (_, given, seconds) => {
    const gatherer = mediaGatherer();
    const rest = { param: "", mediaTypes: [], fileNames: [], detail: null, isText: false };
    gatherer.add({ kind: "audio", value: wav(3), ...rest, ...given });
    expect(gatherer.media().mostAudioSeconds).toBe(seconds);
  });

  test("follows the slower of the rates that a WAV header states", () => {
    const file = Buffer.from(wav(1), "base64");
    file.writeUInt32LE(2_000_000_000, 28);
    expect(readAudio(file.toString("base64"))?.mostSeconds).toBeCloseTo(1, 1);
    file.writeUInt32LE(100, 28);
    expect(readAudio(file.toString("base64"))?.mostSeconds).toBeGreaterThan(400);
    file.writeUInt32LE(2_000_000_000, 28);
    file.writeUInt16LE(60_000, 32);
    expect(readAudio(file.toString("base64"))?.mostSeconds).toBeCloseTo(1, 1);
  });

  test("is not bounded for WAV with two formats, or whose samples do not follow", () => {
    const file = Buffer.from(wav(1), "base64");
    const format = file.subarray(12, 36);
    const withBefore = (...chunks: Buffer[]) =>
      readAudio(Buffer.concat([file.subarray(0, 12), ...chunks, file.subarray(36)]).toString("base64"));
    const junk = Buffer.concat([Buffer.from("LIST"), Buffer.from([0, 0, 1, 0]), Buffer.alloc(65_536)]);
    expect(withBefore(format)?.seconds).toBeCloseTo(1, 1);
    expect(withBefore(junk, format)?.seconds).toBeGreaterThan(1);
    expect(withBefore(format, format)).toBeNull();
    expect(withBefore(format, junk, format)).toBeNull();
    expect(readAudio(file.subarray(0, 36).toString("base64"))).toBeNull();
  });

  test.each([
    ["WAV with a compressed format", wav(1, 24_000, 0x55)],
    ["WAV with a compressed sub-format", extensibleWav(1, 0x55)],
    ["FLAC, in which silence takes no space", base64(`fLaC${"\0".repeat(100)}`)],
    ["Ogg", base64(`OggS${"\0".repeat(100)}`)],
    ["a WAV header without rates", wav(1, 0)],
    ["AAC, which begins like MP3", Buffer.from([0xff, 0xf1, 0x90, ...Array(99).fill(0)]).toString("base64")],
    ["MP3 without a bit rate", Buffer.from([0xff, 0xfb, 0x00, ...Array(99).fill(0)]).toString("base64")],
  ])("is not bounded for %s", (_, file) => {
    expect(readAudio(file)).toBeNull();
  });
});

describe("a document", () => {
  test.each([
    [1, "plain"],
    [12, "plain"],
    [12, "compressed"],
  ] as const)("of %d pages with %s page objects has so many pages, and no bound", (pages, objects) => {
    expect(readDocument(pdf(pages, objects), null)).toMatchObject({ pages, mostTextTokens: null });
  });

  test("that claims to be text, but is PDF, has no bound", () => {
    expect(readDocument(pdf(1), "text/plain").mostTextTokens).toBeNull();
  });

  test("has few of its streams unpacked if a body has many", () => {
    const gatherer = mediaGatherer();
    const value = Buffer.concat([Buffer.from("%PDF-1.7\n"), ...packed(1, pageObjects)]).toString("base64");
    const rest = { param: "", mediaTypes: [], format: null, fileNames: [], detail: null, isText: false };
    for (let at = 0; at < 1_000; at++) gatherer.add({ kind: "document", value, ...rest });
    // Five pages each; of what is not unpacked, one.
    expect(gatherer.media().documentPages).toBe(64 * 5 + (1_000 - 64));
  });

  test("in plain text has its padding looked for once", async () => {
    const read = (end: string) => () => readDocument(`${" ".repeat(20_000)}${end}`, "text/plain");
    expect(await cpuRatio(read("=A"), read("="))).toBeLessThan(10);
  });

  test.each(["QQ=", "QQ=="])("is not bounded if its bytes may go on after padding: %s", (head) => {
    expect(readDocument(`${head}${base64("x".repeat(3_000))}`, "text/plain").mostTextTokens).toBeNull();
  });

  test.each(["-", "_", "!"])("is not bounded if decoders read different texts: %s", (sign) => {
    const file = base64("The harbour was quiet. ".repeat(100));
    expect(
      readDocument(`${file.slice(0, 801)}${sign}${file.slice(801)}`, "text/plain").mostTextTokens,
    ).toBeNull();
  });

  test.each(["JVBE-Ri0x", "JVBER_i0x", "UEs-DB"])(
    "may be packed if decoders read different bytes: %s",
    (head) => {
      const gatherer = mediaGatherer();
      const rest = {
        param: "it",
        mediaTypes: ["image/png"],
        format: null,
        fileNames: [],
        detail: null,
        isText: false,
      };
      gatherer.add({ kind: null, value: `${head}${"A".repeat(200)}`, ...rest });
      expect(gatherer.media().unboundedParam).toBe("it");
    },
  );

  test("in plain text is bounded by its bytes", () => {
    const text = "The harbour was quiet when the ferry came in. ".repeat(100);
    const { pages, textTokens, mostTextTokens } = readDocument(base64(text), "text/plain");
    expect({ pages, mostTextTokens }).toEqual({ pages: 0, mostTextTokens: text.length });
    expect(textTokens).toBeGreaterThan(700);
    expect(textTokens).toBeLessThan(1_500);
  });

  test.each(["a.txt", "notes.MD", "src/a.py", "LICENSE"])("in plain text may be called %s", (name) => {
    expect(readDocument(base64("a,b"), "text/plain", [name]).mostTextTokens).toBe(3);
  });

  test.each(["a.csv", "a.TSV", "a.xls", "a.iif", "a.eml", "a.txt.csv", "a.csv ", "a.", ""])(
    "in plain text has no bound where a provider unpacks what is called %j",
    (name) => {
      expect(readDocument(base64("a,b"), "text/plain", [name]).mostTextTokens).toBeNull();
      expect(readDocument(base64("a,b"), "text/plain", ["a.txt", name]).mostTextTokens).toBeNull();
    },
  );

  test.each(["application/zip", "text/html", "text/csv", null])("of the type %s has no bound", (type) => {
    expect(readDocument(base64("PK\u0003\u0004 and so on"), type).mostTextTokens).toBeNull();
  });

  /** `/ObjStm` so often, and then a stream that unpacks to something. */
  const packed = (times: number, stream: Buffer) => [
    Buffer.from(`${"/ObjStm ".repeat(times)}stream\n`),
    stream,
    Buffer.from("\nendstream\n"),
  ];
  const pageObjects = deflateSync(Buffer.from("<< /Type /Page >>\n".repeat(5)));
  const file = (...parts: Buffer[]) =>
    Buffer.concat([Buffer.from("%PDF-1.7\n"), ...parts, Buffer.alloc(600_000)]).toString("base64");

  test("has the pages of all its compressed streams, each unpacked once", () => {
    const streams = [packed(1, pageObjects), packed(1, pageObjects), packed(3, pageObjects)];
    expect(readDocument(file(...streams.flat()), null).pages).toBe(15);
  });

  /** Blocks of no byte: fixed Huffman codes that hold the end alone, ten bits each. */
  const emptyBlocks = (bytes: number) => Buffer.alloc(bytes, Buffer.from([0x02, 0x08, 0x20, 0x80, 0x00]));
  const bomb = (times: number, bytes: number) =>
    file(...packed(times, Buffer.concat([Buffer.from([0x78, 0x9c]), emptyBlocks(bytes)])));

  test.each([
    ["as much as can be read again and again", 16, 60_000, 1, 60_000],
    ["a stream that unpacks to nothing", 1, 2_000_000, 0, 2_000_000],
  ])("is unpacked in time that grows with its size alone: %s", async (_, times, bytes, fewer, others) => {
    const [hostile, plain] = [bomb(times, bytes), bomb(fewer, others)];
    const ratio = await cpuRatio(
      () => readDocument(hostile, null),
      () => readDocument(plain, null),
    );
    expect(ratio).toBeLessThan(5);
  });

  test("of 27 MB is read in little time", async () => {
    const file = pdf(100, "compressed").replace("=", "A").repeat(10);
    expect(readDocument(file, null).pages).toBeGreaterThan(0);
    expect(await quickestMs(() => readDocument(file, null), 5)).toBeLessThan(50);
  });
});
