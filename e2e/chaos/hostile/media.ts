import { deflateSync } from "node:zlib";
import { lenient } from "#lib/testing/upstream/scenario";
import type { Random } from "../random";
import { type Attack, chatBody } from "./attack";

const MODEL = "reads-media";
const CONTEXT_WINDOW = 70_000;
const URL = "https://files.example.com/report.pdf";

/** Documents that the provider fetches: OpenRouter, Responses, Mistral, Anthropic, vLLM. */
const FETCHED: readonly object[] = [
  { type: "file", file: { filename: "report.pdf", file_data: URL } },
  { type: "file", file: { file_url: URL } },
  { type: "file", file: URL },
  { type: "input_file", file_url: URL },
  { type: "document_url", document_url: URL },
  { type: "document", source: { type: "url", url: URL } },
  {
    type: "document",
    source: { type: "content", content: [{ type: "document", source: { type: "url", url: URL } }] },
  },
  { type: "video_url", video_url: { url: "https://files.example.com/film.mp4" } },
];

/** A PNG's head with its size, and noise: as much as a provider must read to bill it. */
function png(width: number, height: number, bytes: number): Buffer {
  const image = Buffer.alloc(bytes, 0x5a);
  image.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");
  image.write("IDAT", 37, "latin1");
  image.writeUInt32BE(width, 16);
  image.writeUInt32BE(height, 20);
  return image;
}

/** A PDF whose one stream unpacks to 200 000 bytes of text, in a thousand. */
function pdf(): Buffer {
  const text = deflateSync(Buffer.from("BT (All work and no play) Tj ET\n".repeat(6_250)));
  return Buffer.concat([
    Buffer.from(
      `%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\nendobj\n4 0 obj\n<< /Length ${text.length} /Filter /FlateDecode >>\nstream\n`,
    ),
    text,
    Buffer.from("\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"),
  ]);
}

const dataUri = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString("base64")}`;

const PDF = dataUri("application/pdf", pdf());
const PACKED: readonly object[] = [
  { type: "file", file: { filename: "report.pdf", file_data: PDF } },
  { type: "image_url", image_url: { url: PDF } },
  { type: "document_url", document_url: PDF },
  { type: "file", file: { filename: "notes", file_data: dataUri("application/octet-stream", pdf()) } },
];

const IMAGES = [png(1_024, 1_024, 40_000), png(1_920, 1_080, 300_000), png(768, 2_000, 150_000)].map(
  (image) => ({
    type: "image_url",
    image_url: { url: dataUri("image/png", image) },
  }),
);

const partOf = (random: Random) =>
  random.pick(random.chance(0.4) ? IMAGES : random.chance(0.5) ? FETCHED : PACKED);

/** Input that is far more, or far less, than its length in the body. */
export const media: Attack = {
  name: "media",
  models: [
    {
      name: MODEL,
      weight: 0,
      rates: { inputPerMtok: "20", outputPerMtok: "20" },
      contextWindow: CONTEXT_WINDOW,
      scenario: lenient({ visibleTokens: 4, tokensPerSecond: 40, contextWindow: CONTEXT_WINDOW }),
    },
  ],
  keyBudgetUsd: "3",
  request(random) {
    const content = [{ type: "text", text: "Summarize this." }, partOf(random)];
    const bound = { max_tokens: random.whole(4, 64) };
    return {
      body: chatBody(MODEL, content, { stream: random.chance(0.5), ...bound }),
      hangUp: random.chance(0.3) ? { afterText: null, thenMs: random.whole(20, 120) } : null,
    };
  },
};
