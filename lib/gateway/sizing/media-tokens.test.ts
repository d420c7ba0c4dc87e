import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { pdf, png, wav } from "#lib/dialects/media/testing/media-files";
import { messages } from "#lib/dialects/messages/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { contextJudge } from "./context-window";
import { estimateInputTokens, inputTokenBound } from "./estimate";
import { chargedImageTokens, estimateImageTokens, mostImageTokens } from "./image-tokens";

const say = (...content: object[]) =>
  chat.parse(JSON.stringify({ model: "m", messages: [{ role: "user", content }] }));
const image = (url: string, detail = "auto") => ({ type: "image_url", image_url: { url, detail } });
const picture = (width: number, height: number, detail?: string, bytes?: number) =>
  image(`data:image/png;base64,${png(width, height, bytes)}`, detail);
/** What is read of a picture's size. */
function sizeOf(part: object) {
  const [read] = say(part).media.images;
  if (read === undefined) throw new Error("no picture");
  return read;
}
const document = (data: string) => ({
  type: "file",
  file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${data}` },
});
const sentence = { type: "text", text: "Answer in up to 5 words: What's in this image?" };

describe("estimated input tokens are within 0.5 and 2 times what providers document", () => {
  test.each<[string, string, object[], number]>([
    ["gpt-4o", "1024 x 1024", [picture(1024, 1024, "high")], 765],
    ["gpt-4o", "2048 x 4096", [picture(2048, 4096, "high")], 1_105],
    ["gpt-4o", "4096 x 8192, low detail", [picture(4096, 8192, "low")], 85],
    ["gpt-4o-mini", "1024 x 1024", [picture(1024, 1024)], 25_501],
    ["gpt-4.1-mini", "1024 x 1024", [picture(1024, 1024)], 1_659],
    ["gpt-4.1-mini", "1800 x 2400", [picture(1800, 2400)], 2_352],
    ["gpt-5-nano", "16 x 16, with a sentence", [sentence, picture(16, 16)], 22],
    ["o4-mini", "1024 x 1024", [picture(1024, 1024)], 1_761],
    // As measured: huggingface.co/datasets/JOHNISKING/image-token-cost.
    ["gpt-6-astra", "4032 x 3024", [picture(4032, 3024)], 14_364],
    ["gpt-6-astra", "4032 x 3024, high detail", [picture(4032, 3024, "high")], 2_942],
    ["gpt-5.5", "4032 x 3024", [picture(4032, 3024)], 11_868],
    ["gpt-5.5", "4032 x 3024, high detail", [picture(4032, 3024, "high")], 2_942],
    ["gpt-5.4", "4032 x 3024", [picture(4032, 3024)], 2_942],
    ["gpt-5.4", "4032 x 3024, original detail", [picture(4032, 3024, "original")], 11_868],
    ["claude-sonnet-4-5", "200 x 200", [picture(200, 200)], 54],
    ["claude-sonnet-4-5", "1000 x 1000", [picture(1000, 1000)], 1_334],
    ["claude-sonnet-4-5", "4000 x 3000", [picture(4000, 3000)], 1_560],
    ["claude-opus-4-7", "2576 x 1449", [picture(2576, 1449)], 4_784],
    ["gemini-2.5-flash", "384 x 384", [picture(384, 384)], 258],
    ["gemini-2.5-flash", "960 x 540", [picture(960, 540)], 1_548],
    ["gemini-3-pro", "960 x 540", [picture(960, 540)], 1_120],
    ["qwen2.5-vl-72b", "3584 x 3584", [picture(3584, 3584)], 16_384],
    ["unknown", "1.5 MB", [picture(1024, 1024, "auto", 1_500_000)], 1_100],
    [
      "gpt-4o-audio-preview",
      "a minute",
      [{ type: "input_audio", input_audio: { data: wav(60), format: "wav" } }],
      600,
    ],
    [
      "gemini-2.5-flash",
      "a minute",
      [{ type: "input_audio", input_audio: { data: wav(60), format: "wav" } }],
      1_920,
    ],
    ["claude-sonnet-4-5", "3 pages", [document(pdf(3))], 7_000],
    ["gemini-2.5-flash", "12 pages", [document(pdf(12))], 12 * 258],
    ["gpt-4o", "12 pages, compressed", [document(pdf(12, "compressed"))], 12 * 1_400],
  ])("%s: %s", (upstreamModel, _, parts, count) => {
    const estimate = estimateInputTokens(say(...parts), testModel(1_000_000, upstreamModel));
    // A message and its answer's beginning, besides.
    expect(estimate).toBeGreaterThan(0.5 * count);
    expect(estimate).toBeLessThan(2 * (count + 7));
  });
});

describe("the input bound", () => {
  test.each([
    ["gpt-4o", 1_445],
    ["gpt-4o-mini", 48_169],
    ["gpt-4.1", 1_445],
    ["gpt-4.1-mini", 2_489],
    ["gpt-4.1-nano", 3_779],
    ["o3", 1_275],
    ["o4-mini", 2_642],
    ["gpt-5", 1_190],
    ["claude-3-5-sonnet-20241022", 1_600],
    ["us.anthropic.claude-sonnet-4-20250514-v1:0", 1_600],
    ["claude-opus-4-7", 4_784],
    ["anthropic/claude-sonnet-5", 4_784],
    ["gemini-2.5-pro", 258 * 16],
    ["gemini-3-pro", 2_240],
    ["qwen3-vl-235b", 16_384],
  ])("of a picture is never below the most that %s bills, %d", (upstreamModel, most) => {
    const model = testModel(1_000_000, upstreamModel);
    for (const part of [picture(16, 16), picture(16, 16, "low"), picture(9_000, 9_000)]) {
      expect(inputTokenBound(say(part), model)).toBeGreaterThanOrEqual(most);
    }
  });

  test.each([
    // Patches of 32 px, at most 10 000, and tiles.
    ["gpt-5.4", 16, 16, 255, 400],
    ["gpt-5.4", 1_024, 1_024, 1_229, 1_900],
    ["gpt-5.4", 9_000, 9_000, 12_000, 16_384],
    ["gpt-5.5", 16, 16, 2, 10],
    ["gpt-5.5", 1_024, 1_024, 1_229, 1_900],
    ["gpt-5.5", 4_032, 3_024, 11_868, 16_384],
    ["gpt-5.2-mini", 1_024, 1_024, 2_520, 3_800],
    ["gpt-5.4-nano", 9_000, 9_000, 24_600, 24_600],
  ])(
    "of a picture for %s with %d x %d pixels is between what it bills and somewhat more",
    (upstreamModel, width, height, least, most) => {
      for (const detail of ["low", "auto", "original", undefined]) {
        const bound = mostImageTokens(upstreamModel, sizeOf(picture(width, height, detail)));
        expect(bound).toBeGreaterThanOrEqual(least);
        expect(bound).toBeLessThanOrEqual(most);
      }
      expect(mostImageTokens(upstreamModel)).toBeGreaterThanOrEqual(12_000);
    },
  );

  test.each([
    ["gpt-5-mini", 1_659],
    ["gpt-5-nano", 2_520],
  ])(
    "of a picture, and its charge where a client hangs up, take %s's larger factor",
    (upstreamModel, tokens) => {
      const image = sizeOf(picture(1_024, 1_024));
      expect(chargedImageTokens(image, upstreamModel)).toBeGreaterThanOrEqual(tokens);
      expect(mostImageTokens(upstreamModel, image)).toBeGreaterThanOrEqual(tokens);
    },
  );

  test.each([
    [3_072, 386, 24],
    [10_000, 386, 78],
    [386, 10_000, 78],
  ])("of a picture of %d x %d pixels has all %d of Gemini's tiles", (width, height, count) => {
    const model = testModel(1_000_000, "gemini-2.5-flash");
    expect(inputTokenBound(say(picture(width, height)), model)).toBeGreaterThanOrEqual(count * 258);
  });

  test.each([
    ["gpt-5.6-sol", 468_750],
    ["gpt-5.6-luna", 468_750],
    ["openai/gpt-6.1-sol", 468_750],
    ["gpt-10", 468_750],
    ["gpt-daybreak-blue-latest", 468_750],
  ])("of a picture has all of its patches where %s reads each", (upstreamModel, most) => {
    const model = testModel(1_050_000, upstreamModel);
    const boundOf = (...parts: object[]) => inputTokenBound(say(...parts), model);
    expect(boundOf(picture(20_000, 20_000))).toBeGreaterThanOrEqual(most);
    expect(boundOf(picture(20_000, 20_000, "original"))).toBeGreaterThanOrEqual(most);
    expect(boundOf(picture(20_000, 20_000, "high"))).toBeLessThan(8_000);
    expect(boundOf(picture(1_024, 1_024))).toBeLessThan(8_000);
    // Its size is behind the URL, or in what Tollgate does not read.
    const tiff = image(`data:image/tiff;base64,${Buffer.from("II*\0".repeat(20)).toString("base64")}`);
    const url = "https://images.example/a.png";
    for (const unsized of [image(url), image(url, "original"), tiff])
      expect(boundOf(unsized)).toBe(1_050_000);
    expect(boundOf(image(url, "low"))).toBeLessThan(8_000);
    // Beside the object with the URL, or beside a URL that is no object, a server may not read the detail.
    const beside = [
      { type: "image_url", image_url: { url }, detail: "low" },
      { type: "image_url", image_url: url, detail: "low" },
    ];
    for (const part of beside) expect(boundOf(part)).toBe(1_050_000);
  });

  test.each(["gpt-5.5", "gpt-5", "gpt-4o", "gpt-35-turbo", "gpt-oss-120b"])(
    "of a picture by URL is no window for %s",
    (upstreamModel) => {
      const call = say(image("https://images.example/a.png"));
      expect(inputTokenBound(call, testModel(1_000_000, upstreamModel))).toBeLessThan(20_000);
    },
  );

  test("of a picture by URL does not matter to a caller whose spending nothing limits", async () => {
    const judge = contextJudge(chat, say(image("https://images.example/a.png")));
    expect(await judge.rejection(testModel(null, "gpt-5.6"), false)).toBeNull();
    expect(await judge.rejection(testModel(null, "gpt-5.6"), true)).toMatchObject({
      code: "invalid_request",
      param: "messages[0].content[0].image_url.url",
    });
  });

  test("of a picture does not grow with its bytes", () => {
    const model = testModel(null, "gpt-4o");
    expect(inputTokenBound(say(picture(1024, 1024, "auto", 1_500_000)), model)).toBeLessThan(2_000);
  });

  test("is at least the estimate, for any picture and model", () => {
    const models = [
      "gpt-4o",
      "gpt-4o-mini",
      "gpt-4.1-nano",
      "gpt-5.2",
      "gpt-5.4-nano",
      "gpt-5-mini",
      "gpt-5.5",
      "gpt-5.6-sol",
      "o1",
      "claude-3-haiku",
      "claude-opus-5",
      "gemini-2.0-flash",
      "gemini-3-pro",
      "x",
    ];
    const side = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        side,
        side,
        fc.constantFrom("low" as const, "high" as const, "original" as const, null),
        (model, width, height, detail) => {
          const image = { width, height, detail };
          const estimate = estimateImageTokens(image, model);
          expect(estimate).toBeGreaterThan(0);
          expect(estimate).toBeLessThanOrEqual(mostImageTokens(model, image));
          expect(chargedImageTokens(image, model)).toBeLessThanOrEqual(mostImageTokens(model, image) + 4);
        },
      ),
    );
  });

  test("covers a second of audio at the highest rate of any provider", () => {
    const call = say({ type: "input_audio", input_audio: { data: wav(60), format: "wav" } });
    expect(inputTokenBound(call, testModel(null, "gemini-2.5-flash"))).toBeGreaterThan(60 * 32);
  });

  test("covers each recording as padded to windows of 30 s", () => {
    const recordings = (seconds: number) => {
      const part = { type: "input_audio", input_audio: { data: wav(seconds), format: "wav" } };
      return say(...Array.from({ length: 100 }, () => part));
    };
    const voxtral = testModel(null, "voxtral-small-latest");
    // 12.5 tokens a second of the padded recording (docs.mistral.ai/capabilities/audio).
    expect(inputTokenBound(recordings(0.1), voxtral)).toBeGreaterThan(100 * 375);
    expect(recordings(0.1).media.mostAudioSeconds).toBe(100 * 30);
    expect(recordings(31).media.mostAudioSeconds).toBe(100 * 60);
    expect(recordings(0.1).media.audioSeconds).toBeLessThan(20);
  });

  test.each<[string, object]>([
    ["a document by URL", { type: "file", file: { file_url: "https://files.example/a.pdf" } }],
    ["a document as data", document(pdf(1))],
  ])("of %s is the context window", (_, part) => {
    expect(inputTokenBound(say(part), testModel(200_000))).toBe(200_000);
  });

  test("of a picture by URL is the context window for a model that reads any URL", () => {
    const call = say(image("https://images.example/a.png"));
    expect(inputTokenBound(call, testModel(200_000, "gemini-2.5-pro"))).toBe(200_000);
    expect(inputTokenBound(call, testModel(200_000, "gpt-4o"))).toBeLessThan(3_000);
  });
});

describe("input without a bound", () => {
  test("is rejected by a model without a context window, and the field is named", async () => {
    const judge = contextJudge(chat, say(sentence, document(pdf(1))));
    expect(judge.isNear(testModel(null))).toBe(true);
    expect(await judge.rejection(testModel(null))).toMatchObject({
      code: "invalid_request",
      param: "messages[0].content[1].file.file_data",
    });
    expect(await judge.rejection(testModel(200_000))).toBeNull();
  });
});

test.each([
  ["gemini-2.5-flash", 100_000],
  ["anthropic.claude-sonnet-4-5-20250929-v1:0", 100_000],
  ["bedrock/converse/claude-sonnet-4-5", 100_000],
  ["fireworks_ai/accounts/fireworks/models/llama-v3p3-70b-instruct", 100_000],
])("a picture by URL is held at the window where any document may be behind it: %s", (model, tokens) => {
  const call = say(image("https://example.com/a.png"));
  expect(inputTokenBound(call, testModel(100_000, model))).toBe(tokens);
  expect(inputTokenBound(call, testModel(100_000, "gpt-4o"))).toBeLessThan(5_000);
});

describe("a source of messages", () => {
  const held = (content: object, upstreamModel: string) => {
    const body = { model: "m", max_tokens: 16, messages: [{ role: "user", content: [content] }] };
    return inputTokenBound(messages.parse(JSON.stringify(body)), testModel(200_000, upstreamModel));
  };

  test.each(["low", "high"])("by URL has no detail, and so none that is %s", (detail) => {
    const source = { type: "url", url: "https://a.example/b.png" };
    const plain = held({ type: "image", source }, "gpt-5.6");
    expect(held({ type: "image", source: { ...source, detail } }, "gpt-5.6")).toBe(plain);
    expect(plain).toBe(200_000);
  });

  const head = png(1, 1);
  const text = "Qz7x".repeat(5_000);
  test.each<[string, object]>([
    [
      "a data URL",
      { type: "document", source: { type: "text", data: `data:image/png;base64,${head}${text}` } },
    ],
    ["base64", { type: "document", source: { type: "text", media_type: "image/png", data: head + text } }],
    ["a picture", { type: "image", source: { type: "text", media_type: "image/png", data: head + text } }],
  ])("that is a text is held as one if it looks like %s", (_, block) => {
    for (const model of ["claude-sonnet-4-5", "gemini-3-flash", "gpt-5"])
      expect(held(block, model)).toBeGreaterThan(text.length);
  });
});
