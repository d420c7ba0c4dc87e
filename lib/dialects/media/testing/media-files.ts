import { deflateSync } from "node:zlib";

/** Files of the formats that Tollgate reads, as base64: only what a reader looks at, then padding. */

/** A PNG file whose head declares a size, of so many bytes in all, and then its data. */
export function png(width: number, height: number, bytes = 200): string {
  const file = padding(bytes);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(file);
  file.write("IDAT", 37, "latin1");
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  return file.toString("base64");
}

/** A JPEG file whose frame follows so many bytes of metadata. */
export function jpeg(width: number, height: number, metadataBytes = 60_000): string {
  const metadata = Buffer.alloc(metadataBytes + 4, 1);
  metadata.writeUInt16BE(0xffe1, 0);
  metadata.writeUInt16BE(metadataBytes + 2, 2);
  const frame = Buffer.from("ffc00011080000000003012200021101031101", "hex");
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from("ffd8", "hex"), metadata, frame, padding(500)]).toString("base64");
}

/** A GIF file with a palette, a comment and a frame that may be larger than its screen. */
export function gif(width: number, height: number, frame = { left: 0, top: 0, width, height }): string {
  const screen = Buffer.alloc(13);
  screen.write("GIF89a", "latin1");
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  screen[10] = 0x80;
  const palette = Buffer.alloc(6);
  const comment = Buffer.from("\u0021\u00fe\u0002hi\u0000", "latin1");
  const descriptor = Buffer.alloc(10);
  descriptor[0] = 0x2c;
  descriptor.writeUInt16LE(frame.left, 1);
  descriptor.writeUInt16LE(frame.top, 3);
  descriptor.writeUInt16LE(frame.width, 5);
  descriptor.writeUInt16LE(frame.height, 7);
  return Buffer.concat([screen, palette, comment, descriptor, padding(50)]).toString("base64");
}

export function webp(width: number, height: number, form: "VP8 " | "VP8L" | "VP8X"): string {
  const file = padding(100);
  file.write("RIFF", "latin1");
  file.write(`WEBP${form}`, 8, "latin1");
  if (form === "VP8 ") {
    file.writeUInt16LE(width, 26);
    file.writeUInt16LE(height, 28);
  } else if (form === "VP8L") file.writeUInt32LE(((height - 1) << 14) | (width - 1), 21);
  else {
    file.writeUIntLE(width - 1, 24, 3);
    file.writeUIntLE(height - 1, 27, 3);
  }
  return file.toString("base64");
}

/** A WAV file of 16-bit samples, or of another format by its tag (1: PCM). */
export function wav(seconds: number, samplesPerSecond = 24_000, format = 1): string {
  const file = Buffer.alloc(44 + Math.round(seconds * samplesPerSecond * 2));
  file.write("RIFF", "latin1");
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(format, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(samplesPerSecond, 24);
  file.writeUInt32LE(samplesPerSecond * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  return file.toString("base64");
}

/** The same with a header that names the format in its sub-format. */
export function extensibleWav(seconds: number, subFormat: number): string {
  const plain = Buffer.from(wav(seconds, 24_000, 0xfffe), "base64");
  const extension = Buffer.alloc(24);
  extension.writeUInt16LE(22, 0);
  extension.writeUInt16LE(subFormat, 8);
  plain.writeUInt32LE(40, 16);
  return Buffer.concat([plain.subarray(0, 36), extension, plain.subarray(36)]).toString("base64");
}

/** An MP3 file: 128 kbit/s (a header of 0xfffb90), or 8 kbit/s at 22.05 kHz (0xfff310). */
export function mp3(seconds: number, header: 0xfffb90 | 0xfff310 = 0xfffb90): string {
  const [frameBytes, frameSeconds] = header === 0xfffb90 ? [417, 1_152 / 44_100] : [26, 576 / 22_050];
  const frame = Buffer.alloc(frameBytes);
  frame.writeUIntBE(header, 0, 3);
  return Buffer.concat(Array<Buffer>(Math.round(seconds / frameSeconds)).fill(frame)).toString("base64");
}

/** A PDF file with compressed texts; its page objects are plain, or in a compressed stream as well. */
export function pdf(pages: number, pageObjects: "plain" | "compressed" = "plain"): string {
  const objects = Array.from({ length: pages }, () => "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\n");
  const tree = `<< /Type /Pages /Count ${pages} >>\n`;
  const text = deflateSync(Buffer.from("BT (A page of text) Tj ET ".repeat(4_000)));
  const contents = Buffer.concat([
    Buffer.from("4 0 obj << /Filter /FlateDecode >> stream\n"),
    text,
    Buffer.from("\nendstream\n"),
  ]);
  const packed = deflateSync(Buffer.from(tree + objects.join("")));
  const structure =
    pageObjects === "plain"
      ? Buffer.from(tree + objects.join(""))
      : Buffer.concat([
          Buffer.from("5 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\n"),
          packed,
          Buffer.from("\nendstream\n"),
        ]);
  return Buffer.concat([
    Buffer.from("%PDF-1.7\n"),
    structure,
    contents,
    padding(pages * 20_000),
    Buffer.from("%%EOF"),
  ]).toString("base64");
}

/** Bytes that no format is recognized in, and that no encoding shortens. */
function padding(bytes: number): Buffer {
  const filled = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) filled[at] = ((at * at) >>> 5) ^ at;
  return filled;
}
