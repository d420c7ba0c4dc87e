import { describe, expect, test } from "vitest";
import { ASKS_NOTHING } from "#lib/credit/prices/meters";
import { png, wav } from "#lib/dialects/media/testing/media-files";
import { parseChat } from "./parse";

const asksOf = (content: unknown, fields: object = {}) =>
  parseChat(JSON.stringify({ model: "m", messages: [{ role: "user", content }], ...fields })).asks;

/** OpenAI writes to its cache unasked. */
const TEXT = { ...ASKS_NOTHING, cacheWrites: true };

describe("what a chat completion may be billed for besides text", () => {
  test("is cache writes for text alone", () => {
    expect(asksOf('Say "ttl" and cache_control.')).toEqual(TEXT);
  });

  test.each([
    ["a recording", [{ type: "input_audio", input_audio: { data: wav(1), format: "wav" } }], { audio: true }],
    ["a picture", [{ type: "image_url", image_url: { url: png(8, 8) } }], { images: true }],
    [
      "a picture by URL, which Gemini takes for anything",
      [{ type: "image_url", image_url: { url: "https://a.example/x.png" } }],
      { audio: true, images: true, video: true },
    ],
    ["a picture in Markdown", "![](https://a.example/x.png)", { images: true }],
    [
      "a video, which may hold anything",
      [{ type: "video_url", video_url: { url: "https://a.example/x.mp4" } }],
      { audio: true, images: true, video: true },
    ],
  ])("is what it carries: %s", (_, content, asked) => {
    expect(asksOf(content)).toEqual({ ...TEXT, ...asked });
  });

  test("is sound if the answer is to be spoken", () => {
    expect(asksOf("Hello", { modalities: ["text", "audio"] })).toEqual({
      ...TEXT,
      audio: true,
      audioAnswer: true,
    });
  });
});
