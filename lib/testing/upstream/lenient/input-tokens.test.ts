import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inputTokensOf } from "./input-tokens";

const MESSAGE = 4;
const asked = (part: object) => inputTokensOf({ messages: [{ content: [part] }] });

function png(width: number, height: number): string {
  const image = Buffer.alloc(1_000);
  image.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");
  image.writeUInt32BE(width, 16);
  image.writeUInt32BE(height, 20);
  return `data:image/png;base64,${image.toString("base64")}`;
}

function pdf(text: string): string {
  const stream = Buffer.concat([Buffer.from("stream\n"), deflateSync(text), Buffer.from("\nendstream\n")]);
  return `data:application/pdf;base64,${Buffer.concat([Buffer.from("%PDF-1.4\n"), stream]).toString("base64")}`;
}

describe("the input tokens that are billed", () => {
  test("a text by its length", () => {
    expect(inputTokensOf({ messages: [{ content: "x".repeat(400) }] })).toBe(MESSAGE + 100);
  });

  // The examples of OpenAI's guide to image tokens.
  test.each([
    [1024, 1024, 765],
    [2048, 4096, 1105],
  ])("an image of %i × %i by its tiles", (width, height, tokens) => {
    expect(asked({ type: "image_url", image_url: { url: png(width, height) } })).toBe(MESSAGE + tokens);
  });

  test("a PDF by what its streams unpack to", () => {
    const file = { filename: "a.pdf", file_data: pdf("x".repeat(400_000)) };
    expect(asked({ type: "file", file })).toBe(MESSAGE + 100_000);
  });

  test("a document by URL as what is there", () => {
    expect(asked({ type: "document_url", document_url: "https://example.com/a.pdf" })).toBe(MESSAGE + 60_000);
  });
});
