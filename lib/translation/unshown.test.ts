import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { seenTokens } from "#lib/dialects/events/meter-usage";
import { pushBytes, pushEnd, streamMeter } from "#lib/dialects/events/stream-meter";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { answering } from "./testing/translate";

const PROSE = "The ferry came in at dawn, and no one was there to take its ropes. ".repeat(20);
const COUNT = countTokens(PROSE);
/** 10 s of 16-bit samples at 24 kHz. */
const SOUND = Buffer.alloc(480_000, 5).toString("base64");
const PICTURE = Buffer.alloc(300_000, 7).toString("base64");

/** An answer of which clients get a word or nothing: as the payloads of a stream, and whole. */
type Case = {
  client: string;
  wire: string;
  upstreamModel?: string;
  events: readonly (readonly [name: string, payload: JsonObject])[];
  whole: JsonObject;
  tokens: number;
};

const inGemini = (parts: JsonObject[], others: JsonObject[] = [], tokens = COUNT): Case => {
  const candidates = [{ content: { role: "model", parts: [...parts, { text: "Hm." }] } }, ...others];
  const ended = { candidates: [{ content: { parts: [] }, finishReason: "STOP" }] };
  return {
    client: "chat",
    wire: "gemini",
    events: [
      ["", { candidates }],
      ["", ended],
    ],
    whole: {
      candidates: candidates.map((candidate, at) =>
        at === 0 ? { ...candidate, finishReason: "STOP" } : candidate,
      ),
    },
    tokens,
  };
};

const onConverse = (delta: JsonObject, tokens = COUNT): Case => ({
  client: "chat",
  wire: "converse",
  upstreamModel: "us.amazon.nova-2-lite-v1:0",
  events: [
    ["contentBlockDelta", { delta }],
    ["contentBlockDelta", { delta: { text: "Hm." } }],
    ["messageStop", { stopReason: "end_turn" }],
  ],
  whole: {
    output: { message: { role: "assistant", content: [delta, { text: "Hm." }] } },
    stopReason: "end_turn",
  },
  tokens,
});

const inMessages = (block: JsonObject): Case => ({
  client: "chat",
  wire: "messages",
  upstreamModel: "claude-x",
  events: [
    ["", { type: "content_block_start", index: 0, content_block: block }],
    ["", { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "Hm." } }],
    ["", { type: "message_delta", delta: { stop_reason: "end_turn" } }],
    ["", { type: "message_stop" }],
  ],
  whole: { type: "message", content: [block, { type: "text", text: "Hm." }], stop_reason: "end_turn" },
  tokens: COUNT,
});

const inResponse = (item: JsonObject, tokens = COUNT): Case => ({
  client: "chat",
  wire: "responses",
  events: [
    ["", { type: "response.output_text.delta", output_index: 1, delta: "Hm." }],
    ["", { type: "response.output_item.done", output_index: 0, item }],
    ["", { type: "response.completed", response: { output: [] } }],
  ],
  whole: {
    output: [item, { type: "message", content: [{ type: "output_text", text: "Hm." }] }],
    status: "completed",
  },
  tokens,
});

const inChat = (said: JsonObject, others: JsonObject[] = [], tokens = COUNT): Case => {
  const message = { content: "Hm.", ...said };
  return {
    client: "messages",
    wire: "chat",
    events: [
      ["", { choices: [{ index: 0, delta: message }, ...others.map((delta) => ({ index: 1, delta }))] }],
      ["", { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }],
    ],
    whole: {
      choices: [
        { index: 0, message, finish_reason: "stop" },
        ...others.map((other) => ({ index: 1, message: other })),
      ],
    },
    tokens,
  };
};

const CASES: Readonly<Record<string, Case>> = {
  "Gemini's second candidate": inGemini([], [{ content: { parts: [{ text: PROSE }] } }]),
  "Gemini's call in a second candidate": inGemini(
    [],
    [{ content: { parts: [{ functionCall: { name: "f", args: { text: PROSE } } }] } }],
  ),
  "code that Gemini runs": inGemini([{ executableCode: { language: "PYTHON", code: PROSE } }]),
  "a new part of Gemini's": inGemini([{ newPart: { words: [PROSE] } }]),
  "Gemini's draft of a picture": inGemini(
    [{ thought: true, inlineData: { mimeType: "image/png", data: PICTURE } }],
    [],
    1_290,
  ),
  "a new block on Converse": onConverse({ newBlock: { words: PROSE } }),
  "a picture on Converse": onConverse({ image: { format: "png", source: { bytes: PICTURE } } }, 1_290),
  "a new block of a message": inMessages({ type: "new_block", words: PROSE }),
  "arguments of Anthropic's own tool": inMessages({
    type: "server_tool_use",
    name: "code_execution",
    input: { code: PROSE },
  }),
  "a new item of a response": inResponse({ type: "new_call", code: PROSE }),
  "a picture in a response": inResponse({ type: "image_generation_call", result: PICTURE }, 1_290),
  "a second choice": inChat({}, [{ content: PROSE }]),
  "a picture in a completion": inChat(
    { images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PICTURE}` } }] },
    [],
    1_290,
  ),
  "sound in a completion": inChat({ audio: { id: "a", data: SOUND } }, [], 200),
};

/** In both dialects that are tried. */
const REQUEST = { model: "m", max_tokens: 5, messages: [{ role: "user", content: "Hi" }] };

async function metered({ client, wire, upstreamModel = "gemini-3.8-flash", events }: Case) {
  const bytes = events
    .map(([name, payload]) => `${name === "" ? "" : `event: ${name}\n`}data: ${JSON.stringify(payload)}\n\n`)
    .join("");
  const request = { ...REQUEST, stream: true };
  const { body, reading } = answering(client, wire, upstreamModel, request, [bytes]);
  const meter = streamMeter(reading.events, { passUsage: true, answers: 1 });
  for await (const chunk of body.chunks()) pushBytes(meter, chunk);
  pushEnd(meter);
  return meter;
}

async function readWhole({ client, wire, upstreamModel = "gemini-3.8-flash", whole }: Case) {
  const { body, reading } = answering(client, wire, upstreamModel, REQUEST, [JSON.stringify(whole)]);
  return reading.readWhole(await body.whole(4_000_000));
}

describe.each(Object.entries(CASES))("what no client gets counts where usage is missing: %s", (_, given) => {
  test("streamed and whole, within 0.5 and 2 times its tokens", async () => {
    const meter = await metered(given);
    expect(meter).toMatchObject({ hasContent: true, fault: null });
    const { said, outputTokens } = await readWhole(given);
    expect(said).toBe("content");
    for (const tokens of [seenTokens(meter), outputTokens]) {
      expect(tokens).toBeGreaterThan(0.5 * given.tokens);
      expect(tokens).toBeLessThan(2 * given.tokens);
    }
  });
});

describe.each([
  ["what Google's code has printed", inGemini([{ codeExecutionResult: { outcome: "OK", output: PROSE } }])],
  ["what a tool of Amazon's has found", onConverse({ toolResult: { content: [{ text: PROSE }] } })],
  [
    "what a search of Anthropic's has found",
    inMessages({ type: "web_search_tool_result", content: [{ url: PROSE }] }),
  ],
  ["nothing but a text", inGemini([])],
])("%s", (_, given) => {
  test("does not count", async () => {
    expect(seenTokens(await metered(given))).toBeLessThan(10);
    expect((await readWhole(given)).outputTokens).toBeLessThan(10);
  });
});

test("a part of 200 000 fields counts, too", async () => {
  const words = Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`f${at}`, "word"]));
  expect(seenTokens(await metered(inGemini([{ newPart: words }])))).toBeGreaterThan(200_000);
});

describe("an answer of sound alone", () => {
  const answer = {
    candidates: [
      {
        content: { parts: [{ inlineData: { mimeType: "audio/L16;rate=24000", data: SOUND } }] },
        finishReason: "STOP",
      },
    ],
  };
  const given: Case = { client: "chat", wire: "gemini", events: [["", answer]], whole: answer, tokens: 200 };

  test("is an error that is charged, with the sound that it has", async () => {
    const meter = await metered(given);
    expect(meter.fault).toMatchObject({
      kind: "provider_error",
      detail: { error: { code: "malformed_output" } },
    });
    expect(meter.mediaTokens).toBe(200);
    expect(await readWhole(given)).toMatchObject({
      said: "error",
      error: { error: { code: "malformed_output" } },
    });
  });
});
