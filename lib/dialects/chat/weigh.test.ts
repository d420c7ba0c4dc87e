import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { jpeg, mp3, pdf, png, wav } from "#lib/dialects/media/testing/media-files";
import { quickestMs } from "#lib/testing/promptness";
import { parseChat } from "./parse";

const callOf = (content: unknown, fields: object = {}) =>
  parseChat(JSON.stringify({ model: "m", messages: [{ role: "user", content }], ...fields }));
const mediaOf = (...parts: object[]) => callOf(parts).media;
const file = (fields: object) => ({ type: "file", file: fields });
const image = (url: string, fields: object = {}) => ({ type: "image_url", image_url: { url, ...fields } });
const text = (bytes: string) => `data:text/plain;base64,${Buffer.from(bytes).toString("base64")}`;

describe("media of a chat", () => {
  test("a picture as data has its size, and its characters are no text", () => {
    const data = png(1024, 768, 90_000);
    expect(mediaOf(image(`data:image/png;base64,${data}`, { detail: "low" }))).toMatchObject({
      images: [{ width: 1024, height: 768, detail: "low" }],
      dataCharacters: data.length,
      unboundedParam: null,
      fetchedImageParam: null,
    });
  });

  test.each<[string, object]>([
    ["a data URL in capitals", image(`DATA:image/JPEG;BASE64,${jpeg(800, 600)}`)],
    [
      "no object around the URL",
      { type: "image_url", image_url: `data:image/jpeg;base64,${jpeg(800, 600)}` },
    ],
    ["a false media type", image(`data:image/png;base64,${jpeg(800, 600)}`)],
    ["parameters", image(`data:image/jpeg;name=a.jpg;base64,${jpeg(800, 600)}`)],
    [
      "Anthropic's form",
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: jpeg(800, 600) } },
    ],
  ])("a picture is read with %s", (_, part) => {
    expect(mediaOf(part)).toMatchObject({
      images: [{ width: 800, height: 600, detail: null }],
      unboundedParam: null,
    });
  });

  test("a picture by URL is a picture", () => {
    expect(
      mediaOf(image("https://images.example/a"), image("https://images.example/b.png?x=1")),
    ).toMatchObject({
      images: [{ width: null }, { width: null }],
      dataCharacters: 0,
      unboundedParam: null,
      fetchedImageParam: "messages[0].content[0].image_url.url",
    });
  });

  test("what is no picture counts as one and as text", () => {
    expect(mediaOf(image(`data:image/png;base64,${"lorem ".repeat(2_000)}`))).toMatchObject({
      images: [{ width: null }],
      dataCharacters: 0,
    });
  });

  test("recordings have a length", () => {
    const media = mediaOf(
      { type: "input_audio", input_audio: { data: wav(3), format: "wav" } },
      { type: "input_audio", input_audio: { data: mp3(5), format: "mp3" } },
    );
    expect(media.audioSeconds).toBeCloseTo(8, 0);
    // 3 s and at most 80 s, each to the next 30 s.
    expect(media.mostAudioSeconds).toBe(30 + 90);
    expect(media.unboundedParam).toBeNull();
  });

  test("documents have pages", () => {
    const data = pdf(12);
    expect(
      mediaOf(file({ filename: "a.pdf", file_data: `data:application/pdf;base64,${data}` })),
    ).toMatchObject({
      documentPages: 12,
      dataCharacters: data.length,
      unboundedParam: "messages[0].content[0].file.file_data",
    });
  });

  test("a text document is bounded by its bytes", () => {
    expect(mediaOf(file({ filename: "a.txt", file_data: text("Hello! ".repeat(100)) }))).toMatchObject({
      mostPlainTextTokens: 700,
      unboundedParam: null,
    });
  });

  test.each<[string, object]>([
    ["file.file_data", file({ file_data: pdf(1) })],
    ["file.file_data", file({ file_data: "https://files.example/a.pdf" })],
    ["file.file_url", file({ file_url: "https://files.example/a" })],
    ["file.url", file({ url: "gs://bucket/a.pdf" })],
    ["file", { type: "file", file: "https://files.example/a" }],
    ["image_url.url", image("https://files.example/report.pdf")],
    ["image_url.url", image("HTTPS://files.example/film.MP4?x=1")],
    ["image_url.url", image(pdf(1))],
    ["image_url.url", image(`data:image/png;base64,${pdf(1)}`)],
    ["image_url.url", image("https://images.example/a#transform=inline")],
    ["image_url.url", image("data:application/pdf,%25PDF-1.4")],
    ["image_url.url", image("gs://bucket/a.png")],
    ["image_url.url", image("//images.example/a.png")],
    ["image_url.url", image(`data:application/pdf;base64,${pdf(1)}`)],
    ["image_url.url", image(`data:video/mp4;base64,${"AAAA".repeat(99)}`)],
    ["input_audio.data", { type: "input_audio", input_audio: { data: "https://sounds.example/a.wav" } }],
    ["input_audio.data", { type: "input_audio", input_audio: { data: wav(1, 24_000, 0x55), format: "wav" } }],
    ["audio_url.url", { type: "audio_url", audio_url: { url: "https://sounds.example/a.wav" } }],
    ["video_url.url", { type: "video_url", video_url: { url: "https://films.example/a" } }],
    ["video_url", { type: "video_url", video_url: "s3://films/a" }],
    ["document_url", { type: "document_url", document_url: "https://files.example/a" }],
    ["source.url", { type: "document", source: { type: "url", url: "https://files.example/a" } }],
    [
      "source.data",
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: pdf(1) } },
    ],
    ["video.frames[1]", { type: "video", video: { frames: ["a", "https://films.example/1.jpg"] } }],
    ["anything", { type: "new", anything: "https://files.example/a" }],
    ["anything.deep", { type: "new", anything: { deep: Buffer.alloc(99, 7).toString("base64") } }],
    [
      "blob",
      {
        type: "new",
        blob: Buffer.alloc(99, 7)
          .toString("base64")
          .replaceAll(/(.{60})/g, "$1\r\n"),
      },
    ],
    ["file_data", { type: "text", text: "Read this:", file_data: pdf(1) }],
  ])("%s may be fetched or unpacked, so that nothing bounds it", (field, part) => {
    expect(mediaOf({ type: "text", text: "Look" }, part).unboundedParam).toBe(
      `messages[0].content[1].${field}`,
    );
  });

  test.each<[string, object]>([
    [
      "a URL in a text",
      { role: "user", content: "Read https://files.example/a.pdf and data:image/png;base64,AAAA" },
    ],
    [
      "a URL in a text part",
      { role: "user", content: [{ type: "text", text: "https://files.example/a.pdf" }] },
    ],
    [
      "a URL in a tool call",
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "c",
            type: "function",
            function: { name: "f", arguments: { url: "https://files.example/a" } },
          },
        ],
      },
    ],
    [
      "a citation",
      {
        role: "assistant",
        content: "So it is.",
        annotations: [{ type: "url_citation", url_citation: { url: "https://files.example/a", title: "A" } }],
      },
    ],
    [
      "an id or a title",
      {
        role: "assistant",
        content: [
          { type: "tool_use", tool_use_id: "t".repeat(40), title: "Quarterly_report_2026_final_version_2" },
        ],
      },
    ],
    [
      "a signature",
      {
        role: "assistant",
        content: [{ type: "thinking", thinking: "Hm", signature: Buffer.alloc(300, 9).toString("base64") }],
      },
    ],
    [
      "reasoning",
      { role: "assistant", content: "Yes", reasoning_content: Buffer.alloc(300, 9).toString("base64") },
    ],
  ])("%s is no medium", (_, message) => {
    const { media } = parseChat(JSON.stringify({ model: "m", messages: [message] }));
    expect(media.unboundedParam).toBeNull();
    expect(media.images).toEqual([]);
  });

  test("audio may be billed at its own rates wherever it can be", () => {
    expect(callOf("Hello").asks.audio).toBe(false);
    expect(callOf("Hello", { modalities: ["text", "audio"] }).asks.audio).toBe(true);
    expect(callOf([{ type: "input_audio", input_audio: { data: wav(1), format: "wav" } }]).asks.audio).toBe(
      true,
    );
    expect(callOf([file({ url: "https://sounds.example/a" })]).asks.audio).toBe(true);
  });
});

describe("tokens of a chat's texts", () => {
  test("are those of the texts, not of the JSON around them", () => {
    expect(callOf("Hello!").textTokens).toBeLessThanOrEqual(16);
    const sentence = 'The inn\'s only free room was "above" the kitchen.\n';
    const { textTokens } = callOf(sentence.repeat(50));
    expect(textTokens / countTokens(sentence.repeat(50))).toBeGreaterThan(0.5);
    expect(textTokens / countTokens(sentence.repeat(50))).toBeLessThan(2);
  });

  test("do not count media", () => {
    expect(callOf([image(`data:image/png;base64,${png(100, 100, 90_000)}`)]).textTokens).toBeLessThan(20);
  });

  test("count tools", () => {
    const tools = [{ type: "function", function: { name: "f", description: "word ".repeat(500) } }];
    expect(callOf("Hi", { tools }).textTokens).toBeGreaterThan(400);
  });

  test("of a body of 20 MB take a few milliseconds", async () => {
    const messages = Array.from({ length: 2_000 }, (_, at) => ({
      role: "user",
      content: `${at} word `.repeat(1_000),
    }));
    const json = JSON.stringify({ model: "m", messages });
    // Parsing it, finding its fields and checking it included.
    const parsingMs = await quickestMs(() => JSON.parse(json));
    expect(await quickestMs(() => parseChat(json))).toBeLessThan(parsingMs * 3 + 100);
  });
});
