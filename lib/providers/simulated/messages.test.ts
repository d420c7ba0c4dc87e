import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import { messages as dialect } from "#lib/dialects/messages/dialect";
import { ASKS_TWO_SEARCHES, TYPES_OF_TWO_SEARCHES } from "#lib/providers/testing/ask-simulated";
import { chatCall } from "#lib/providers/testing/exchange-harness";
import { testTarget } from "#lib/providers/testing/target";
import { wireFor } from "#lib/providers/wire";

type Fields = Record<string, unknown>;
const HELLO = { model: "demo-fast", max_tokens: 100, messages: [{ role: "user", content: "Hello, gate!" }] };

async function ask(request: Fields, settings: Fields = {}) {
  const target = testTarget({ type: "simulated", settings });
  if (target.exchange === null) throw new Error("a simulated provider has an exchange of its own");
  const body = JSON.stringify(request);
  const answer = await target.exchange(chatCall(target, { body, wire: wireFor(target, "messages") }));
  return { status: answer.status, body: Buffer.from(await text(answer.body.chunks())) };
}

async function whole(request: Fields, settings?: Fields) {
  const { status, body } = await ask(request, settings);
  expect(status).toBe(200);
  return { message: JSON.parse(body.toString()), read: await dialect.readWhole(body) };
}

/** The stream as its dialect meters it. */
async function metered(request: Fields, settings?: Fields) {
  const { body } = await ask({ ...request, stream: true }, settings);
  const meter = streamMeter(dialect.events, { passUsage: true, answers: 1 });
  const relayed = Buffer.concat(pushBytes(meter, body)).toString();
  const assembler = dialect.assembler();
  for (const [, payload = ""] of relayed.matchAll(/^data: (.*)$/gm)) assembler.add(payload);
  return { meter, message: JSON.parse(assembler.whole()?.toString() ?? "null") };
}

describe("a simulated message", () => {
  test("has an exact usage of its system prompt, its messages and its answer", async () => {
    const { message, read } = await whole(HELLO, { reply_tokens: 33 });
    expect(message).toMatchObject({ model: "demo-fast", role: "assistant", stop_reason: "end_turn" });
    // "Hello" "," " gate" "!"
    expect(message.usage).toEqual({ input_tokens: 4, output_tokens: 33 });
    expect(read).toMatchObject({ said: "content", usage: { inputTokens: 4, outputTokens: 33 } });
    const system = [{ type: "text", text: "Be brief." }];
    expect((await whole({ ...HELLO, system })).message.usage.input_tokens).toBe(7);
  });

  test("searches if that is asked and offered, and counts what it reads again", async () => {
    const content = ASKS_TWO_SEARCHES;
    const tools = [{ type: "web_search_20250305", name: "web_search" }];
    const request = { ...HELLO, messages: [{ role: "user", content }], tools };
    const { message, read } = await whole(request);
    expect(message.content.map(({ type }: { type: string }) => type)).toEqual(TYPES_OF_TWO_SEARCHES);
    expect(message.content[0]).toMatchObject({ name: "web_search", input: { query: "tides" } });
    expect(read).toMatchObject({ usage: { webSearches: 2, inputTokens: message.usage.input_tokens } });
    const [once] = [(await whole({ ...request, tools: [] })).message.usage.input_tokens];
    expect(message.usage.input_tokens).toBeGreaterThan(3 * once);
    const streamed = await metered(request);
    expect(streamed.message).toEqual(message);
    expect(streamed.meter.usage).toMatchObject({ webSearches: 2 });
    const fewer = await whole({ ...request, tools: [{ ...tools[0], max_uses: 1 }] });
    expect(fewer.read).toMatchObject({ usage: { webSearches: 1 } });
    expect((await whole({ ...request, tools: [] })).read).toMatchObject({ usage: { webSearches: 0 } });
  });

  test("keeps to its bound and ends before a stop sequence", async () => {
    const cut = await whole({ ...HELLO, max_tokens: 3 });
    expect(cut.message).toMatchObject({ stop_reason: "max_tokens", usage: { output_tokens: 3 } });
    const stopped = await whole({ ...HELLO, stop_sequences: ["nowhere in it", " answer", " simulated"] });
    expect(stopped.message).toMatchObject({
      content: [{ type: "text", text: "This is a" }],
      stop_reason: "stop_sequence",
      stop_sequence: " simulated",
    });
  });

  test("says the same as a stream, which its dialect meters exactly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.integer({ min: 1, max: 80 }), async (content, max_tokens) => {
        const request = { ...HELLO, max_tokens, messages: [{ role: "user", content }] };
        const { message } = await whole(request);
        const stream = await metered(request);
        expect(stream.message).toEqual(message);
        expect(stream.meter).toMatchObject({ done: true, finished: true, fault: null });
        expect(stream.meter.usage).toMatchObject({ outputTokens: message.usage.output_tokens });
        expect(stream.meter.contentEvents).toBe(message.usage.output_tokens);
      }),
      { numRuns: 30 },
    );
  });

  test.each<[string, Fields, Fields, number]>([
    ["no bound", { ...HELLO, max_tokens: undefined }, {}, 400],
    ["no messages", { ...HELLO, messages: [] }, {}, 400],
    ["a provider that is set to fail", HELLO, { fail_with_status: 529 }, 529],
  ])("is an error in Anthropic's shape with %s", async (_, request, settings, status) => {
    const answer = await ask(request, settings);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      type: "error",
      error: { type: status < 500 ? "invalid_request_error" : "api_error" },
    });
  });
});
