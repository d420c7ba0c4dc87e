import { inflateSync } from "node:zlib";
import { isObject } from "#lib/dialects/text/json-fields";

const BYTES_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 4;
/** What the provider finds at any URL of a document. */
const FETCHED_DOCUMENT_TOKENS = 60_000;
/** An image by URL, and one whose size cannot be read: a square of four tiles. */
const OTHER_IMAGE_TOKENS = 765;
/** A second of 16 kHz mono speech is 32 000 bytes, and ten tokens (OpenAI's audio pricing). */
const AUDIO_BYTES_PER_TOKEN = 3_200;

/** Fields of messages that the model does not read as text. */
const NOT_READ = new Set(["role", "type", "format", "filename", "detail"]);

/** The input tokens that a provider bills for a body: texts by their length, media by what is in them. */
export function inputTokensOf(body: unknown): number {
  if (!isObject(body)) return 0;
  const { messages, tools, prediction: _, ...others } = body;
  const templates = Array.isArray(messages) ? messages.length * TOKENS_PER_MESSAGE : 0;
  return templates + tokensOf(messages) + tokensOf(tools) + tokensOf(others.response_format);
}

/** The tokens of predicted output (`prediction`): those that the answer does not use are billed as output. */
export function predictedTokensOf(body: unknown): number {
  return isObject(body) ? tokensOf(body.prediction) : 0;
}

function tokensOf(value: unknown): number {
  if (typeof value === "string") return textTokens(value);
  if (Array.isArray(value)) return value.reduce((sum: number, element) => sum + tokensOf(element), 0);
  if (!isObject(value)) return 0;
  if (typeof value.type === "string" && value.type !== "text") {
    const medium = mediumTokens(value.type, value);
    if (medium !== null) return medium;
  }
  return Object.entries(value).reduce(
    (sum, [name, field]) => sum + (NOT_READ.has(name) ? 0 : tokensOf(field)),
    0,
  );
}

const textTokens = (text: string) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** Null for a part without data or a URL. */
function mediumTokens(type: string, part: Readonly<Record<string, unknown>>): number | null {
  const sources = Object.values(part)
    .flatMap((value) => (isObject(value) ? Object.values(value) : [value]))
    .filter((value) => typeof value === "string");
  if (type === "input_audio") {
    const base64Length = Math.max(0, ...sources.map(({ length }) => length));
    return Math.ceil((base64Length * 0.75) / AUDIO_BYTES_PER_TOKEN);
  }
  const data = sources.find((text) => text.startsWith("data:"));
  if (data !== undefined) return dataTokens(data);
  if (!sources.some((text) => /^https?:/.test(text))) return null;
  return type.includes("image") ? OTHER_IMAGE_TOKENS : FETCHED_DOCUMENT_TOKENS;
}

function dataTokens(uri: string): number {
  const bytes = Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64");
  if (uri.startsWith("data:image/")) return imageTokens(bytes);
  return bytes.subarray(0, 5).toString("latin1") === "%PDF-"
    ? pdfTokens(bytes)
    : textTokens(bytes.toString());
}

/** OpenAI's rule for high detail: within 2048 × 2048, then the shorter side at most 768; 170 tokens a tile of 512, plus 85. */
function imageTokens(png: Buffer): number {
  if (png.length < 24 || png.subarray(12, 16).toString("latin1") !== "IHDR") return OTHER_IMAGE_TOKENS;
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const fit = Math.min(1, 2048 / Math.max(width, height));
  const scale = fit * Math.min(1, 768 / (Math.min(width, height) * fit));
  return 85 + 170 * Math.ceil((width * scale) / 512) * Math.ceil((height * scale) / 512);
}

/** The text that a PDF's compressed streams unpack to. */
function pdfTokens(pdf: Buffer): number {
  let unpackedBytes = 0;
  for (let at = pdf.indexOf("stream\n"); at >= 0; at = pdf.indexOf("stream\n", at + 1)) {
    try {
      unpackedBytes += inflateSync(pdf.subarray(at + "stream\n".length)).length;
    } catch {
      // Not compressed, or `endstream`.
    }
  }
  return Math.ceil(unpackedBytes / BYTES_PER_TOKEN);
}
