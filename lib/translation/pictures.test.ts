import { describe, expect, test } from "vitest";
import { seenTokens } from "#lib/dialects/events/meter-usage";
import { playStream } from "#lib/dialects/testing/play-stream";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { ended, said } from "./testing/gemini/answers";
import { geminiFault, SIGNATURES } from "./testing/gemini/strict";
import { answeredBy, answerOf, callOf, eventsOf, SENT, sentBy, translationOf } from "./testing/translate";

/** A picture of one pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const MODEL = "gemini-3-pro-image";
const inlineData = { mimeType: "image/png", data: PNG };
const USAGE = {
  promptTokenCount: 5,
  candidatesTokenCount: 1_300,
  totalTokenCount: 1_305,
  candidatesTokensDetails: [
    { modality: "IMAGE", tokenCount: 1_290 },
    { modality: "TEXT", tokenCount: 10 },
  ],
};
const DRAFT = { inlineData: { ...inlineData, data: "ZHJhZnQ=" }, thought: true };
const PICTURE = { inlineData, thoughtSignature: SIGNATURES[0] };
const WHOLE = { ...ended("STOP", DRAFT, { text: "Here:" }, PICTURE), usageMetadata: USAGE };
const STREAM = eventsOf([
  said(DRAFT),
  said({ text: "Here:" }),
  said(PICTURE),
  { ...ended("STOP"), usageMetadata: USAGE },
]);

const REQUESTS: Readonly<Record<string, JsonObject>> = {
  chat: { model: "m", messages: [{ role: "user", content: "Draw rain" }] },
  messages: { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Draw rain" }] },
  responses: { model: "m", input: "Draw rain" },
};

const whole = async (dialect: string): Promise<JsonObject> =>
  JSON.parse(await answeredBy(dialect, "gemini", REQUESTS[dialect] ?? {}, [JSON.stringify(WHOLE)], MODEL));
const streamed = (dialect: string): Promise<string> =>
  answeredBy(dialect, "gemini", { ...REQUESTS[dialect], stream: true }, [STREAM], MODEL);

const IN_CHAT = { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } };
const IN_MESSAGES = { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } };

describe("a picture that Gemini has made", () => {
  test("is among the images of a chat completion's message, as OpenRouter has them", async () => {
    expect(await whole("chat")).toMatchObject({
      choices: [{ message: { content: "Here:", images: [IN_CHAT] }, finish_reason: "stop" }],
    });
    expect(await streamed("chat")).toContain(`"delta":{"images":[${JSON.stringify(IN_CHAT)}]}`);
  });

  test("is a block of a message, as a picture of the user's would be", async () => {
    const { content } = await whole("messages");
    expect(content).toContainEqual(IN_MESSAGES);
    const events = await streamed("messages");
    expect(events).toMatch(/"content_block_start","index":2,"content_block":{"type":"image"/);
    expect(events).toContain('"content_block_stop","index":2');
  });

  test("is a response's item for a generated image", async () => {
    const { output } = await whole("responses");
    const item = { type: "image_generation_call", status: "completed", output_format: "png", result: PNG };
    expect(output).toContainEqual(expect.objectContaining(item));
    const names = [...(await streamed("responses")).matchAll(/^event: (response\.image.*)$/gm)].map(
      ([, name]) => name,
    );
    expect(names).toEqual([
      "response.image_generation_call.in_progress",
      "response.image_generation_call.generating",
      "response.image_generation_call.completed",
    ]);
  });

  test.each(Object.keys(REQUESTS))("is without its drafts: %s", async (dialect) => {
    const both = (await streamed(dialect)) + JSON.stringify(await whole(dialect));
    expect(both).not.toContain("ZHJhZnQ=");
  });

  /** How an answer is metered. */
  async function metered(dialect: string, answer: object, isStream: boolean) {
    const call = callOf(dialect, { ...REQUESTS[dialect], stream: isStream });
    const lane = translationOf(dialect, "gemini", MODEL).begin(call, SENT);
    const text = JSON.stringify(answer);
    const { answer: made, dialect: reading } = lane.answer(answerOf([isStream ? `data: ${text}\n\n` : text]));
    const bytes = await made.body.whole(10_000_000);
    if (!isStream) return reading.readWhole(bytes);
    const { meter } = playStream(reading.events, [bytes]);
    return { usage: meter.usage, outputTokens: seenTokens(meter) };
  }

  test.each(Object.keys(REQUESTS))(
    "is billed as the image tokens that Gemini reports: %s",
    async (dialect) => {
      for (const isStream of [true, false]) {
        const { usage } = await metered(dialect, WHOLE, isStream);
        expect(usage).toMatchObject({ outputTokens: 1_300, outputImageTokens: 1_290 });
      }
    },
  );

  test.each(Object.keys(REQUESTS))(
    "counts by its kind, not its bytes, if nothing is reported: %s",
    async (dialect) => {
      const large = { inlineData: { ...inlineData, data: PNG.slice(0, -2).repeat(9_000) } };
      const { usageMetadata: _, ...answer } = ended("STOP", large);
      for (const isStream of [true, false]) {
        const { usage, outputTokens } = await metered(dialect, answer, isStream);
        expect(usage).toBeNull();
        expect(outputTokens).toBeGreaterThanOrEqual(1_290);
        expect(outputTokens).toBeLessThan(1_310);
      }
    },
  );
});

test.each(Object.keys(REQUESTS))(
  "sound that a model has made is an error, not silence: %s",
  async (dialect) => {
    const sound = { inlineData: { mimeType: "audio/L16;rate=24000", data: "AAAA" } };
    const answer = await answeredBy(
      dialect,
      "gemini",
      { ...REQUESTS[dialect], stream: true },
      [eventsOf([ended("STOP", sound)])],
      MODEL,
    );
    expect(answer).toContain("The model has answered with audio/L16;rate=24000, which is not supported.");
  },
);

describe("a picture that a client sends back", () => {
  /** The conversation after such an answer, in the client's dialect. */
  async function conversation(dialect: string): Promise<JsonObject> {
    const { choices, content, output } = await whole(dialect);
    const again = { role: "user", content: "More rain" };
    const before = { role: "user", content: "Draw rain" };
    const answer = Array.isArray(choices)
      ? [choices[0].message]
      : Array.isArray(content)
        ? [{ role: "assistant", content }]
        : Array.isArray(output)
          ? output
          : [];
    const turns = [before, ...answer, again];
    return dialect === "responses" ? { model: "m", input: turns } : { ...REQUESTS[dialect], messages: turns };
  }

  test.each(Object.keys(REQUESTS))("passes under a hard budget: %s", async (dialect) => {
    const call = callOf(dialect, await conversation(dialect));
    expect(call.unknownFields).toEqual([]);
    expect(call.media.unboundedParam).toBeNull();
    expect(call.media.images).toHaveLength(1);
  });

  test.each(["messages", "responses"])("is Gemini's own again, with its signature: %s", async (dialect) => {
    const { sent, refused } = sentBy(dialect, "gemini", MODEL, await conversation(dialect));
    expect(refused).toEqual([]);
    expect(geminiFault(MODEL, sent)).toBeNull();
    expect(JSON.stringify(sent)).toContain(JSON.stringify(PICTURE));
  });

  test("has Google's stand-in for the signature where a client has none", async () => {
    const messages = [
      { role: "user", content: "Draw rain" },
      { role: "assistant", content: "Here:", images: [IN_CHAT] },
      { role: "user", content: "More rain" },
    ];
    const { sent } = sentBy("chat", "gemini", MODEL, { model: "m", messages });
    expect(JSON.stringify(sent)).toContain(
      JSON.stringify({ inlineData, thoughtSignature: "skip_thought_signature_validator" }),
    );
  });

  test.each([
    ["messages", "claude-sonnet-4-5", JSON.stringify(IN_MESSAGES)],
    ["chat", "m", JSON.stringify(IN_CHAT)],
    ["responses", "gpt-5", `"image_url":"data:image/png;base64,${PNG}"`],
    ["converse", "us.amazon.nova-2-lite-v1:0", `"image":{"format":"png","source":{"bytes":"${PNG}"}}`],
  ])("is given by the user on the wire %s, whose models make none", async (wire, model, picture) => {
    const dialect = wire === "messages" ? "chat" : "messages";
    const { sent, dropped } = sentBy(dialect, wire, model, await conversation(dialect));
    const turns: unknown = sent.messages ?? sent.input;
    const last = Array.isArray(turns) ? JSON.stringify(turns.at(-1)) : "";
    expect(last).toContain(picture);
    expect(last.indexOf(picture)).toBeLessThan(last.indexOf("More rain"));
    expect(dropped.filter((path) => path.includes("image"))).toEqual([]);
  });

  test("is left out and named at the end of a conversation", () => {
    const messages = [
      { role: "user", content: "Draw rain" },
      { role: "assistant", content: "Here:", images: [IN_CHAT] },
    ];
    const { dropped } = sentBy("chat", "messages", "claude-sonnet-4-5", { model: "m", messages });
    expect(dropped).toEqual(["messages[1].images[0]"]);
  });
});
