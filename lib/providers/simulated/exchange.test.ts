import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { newCancellation } from "#lib/providers/cancellation";
import { chatCall } from "#lib/providers/testing/exchange-harness";
import { testTarget } from "#lib/providers/testing/target";
import { CallCancelled, UpstreamTimeout } from "#lib/providers/upstream-error";
import type { UpstreamCall } from "#lib/providers/wire";
import { stopwatch } from "#lib/testing/promptness";
import { countPieces } from "./reply";

type Request = Record<string, unknown>;
const HELLO = { model: "demo-fast", messages: [{ role: "user", content: "Hello, gate!" }] };

function ask(request: Request, settings: Request = {}, change: Partial<UpstreamCall> = {}) {
  const call = chatCall(testTarget({ type: "simulated", settings }), {
    body: JSON.stringify(request),
    ...change,
  });
  if (call.target.exchange === null) throw new Error("a simulated provider has an exchange of its own");
  return call.target.exchange(call);
}

const Usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() });
const Whole = z.object({
  object: z.literal("chat.completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({ index: z.int(), message: z.object({ content: z.string() }), finish_reason: z.string() }),
  ),
  usage: Usage,
});
const Chunk = z.object({
  object: z.literal("chat.completion.chunk"),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({ role: z.string().optional(), content: z.string().optional() }),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: Usage.nullish(),
});

async function whole(request: Request, settings?: Request) {
  const answer = await ask(request, settings);
  expect(answer.status).toBe(200);
  return Whole.parse(JSON.parse(await text(answer.body.chunks())));
}

async function chunks(request: Request, settings?: Request) {
  const answer = await ask({ ...request, stream: true }, settings);
  expect(answer.headers["content-type"]).toContain("text/event-stream");
  const events = (await text(answer.body.chunks())).split("\n\n");
  expect(events.splice(-2)).toEqual(["data: [DONE]", ""]);
  return events.map((event) => Chunk.parse(JSON.parse(event.slice("data: ".length))));
}

describe("a whole answer", () => {
  test("is the same for the same messages and different for others", async () => {
    const first = await whole(HELLO);
    const again = await whole(HELLO);
    const other = await whole({ ...HELLO, messages: [{ role: "user", content: "Goodbye" }] });
    expect(again.choices).toEqual(first.choices);
    expect(other.choices).not.toEqual(first.choices);
    expect(first).toMatchObject({ model: "demo-fast", choices: [{ index: 0, finish_reason: "stop" }] });
  });

  test("reports its exact number of tokens", async () => {
    const answer = await whole(HELLO, { reply_tokens: 33 });
    // "Hello" "," " gate" "!"
    expect(answer.usage).toEqual({ prompt_tokens: 4, completion_tokens: 33, total_tokens: 37 });
    expect(countPieces(answer.choices[0]?.message.content ?? "")).toBe(33);
  });

  test("counts text parts by their text, and other parts as one", async () => {
    const content = [
      { type: "text", text: "What is it?" },
      { type: "image_url", image_url: { url: "data:," } },
    ];
    const answer = await whole({ ...HELLO, messages: [{ role: "user", content }] });
    expect(answer.usage.prompt_tokens).toBe(5);
  });

  test.each(["max_tokens", "max_completion_tokens"])("ends with `length` at %s", async (name) => {
    const answer = await whole({ ...HELLO, [name]: 5 });
    expect(answer.usage.completion_tokens).toBe(5);
    expect(answer.choices[0]?.finish_reason).toBe("length");
  });

  test("ends before a stop sequence", async () => {
    const full = await whole(HELLO);
    const cut = await whole({ ...HELLO, stop: ["nowhere", "simulated"] });
    expect(full.choices[0]?.message.content).toContain("This is a simulated");
    expect(cut.choices[0]?.message.content).toBe("This is a ");
    expect(cut.choices[0]?.finish_reason).toBe("stop");
    expect(cut.usage.completion_tokens).toBe(countPieces("This is a "));
  });

  test("has `n` choices and counts all of them", async () => {
    const answer = await whole({ ...HELLO, n: 3 }, { reply_tokens: 20 });
    expect(new Set(answer.choices.map((choice) => choice.message.content)).size).toBe(3);
    expect(answer.usage.completion_tokens).toBe(60);
  });
});

describe("a streamed answer", () => {
  test("is the whole answer in chunks: role, content, finish", async () => {
    const streamed = await chunks(HELLO);
    const expected = await whole(HELLO);
    expect(streamed[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(streamed.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(
      expected.choices[0]?.message.content,
    );
    expect(streamed.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(streamed.every((chunk) => chunk.usage === undefined)).toBe(true);
  });

  test("has the usage in a separate chunk when requested", async () => {
    const streamed = await chunks({ ...HELLO, stream_options: { include_usage: true } });
    expect(streamed.at(-1)).toMatchObject({ choices: [], usage: (await whole(HELLO)).usage });
    expect(streamed.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  test("streams every choice", async () => {
    const streamed = await chunks({ ...HELLO, n: 2, max_tokens: 7 });
    for (const index of [0, 1]) {
      const own = streamed.flatMap((chunk) => chunk.choices.filter((choice) => choice.index === index));
      expect(own.filter((choice) => choice.delta.content)).toHaveLength(7);
      expect(own.at(-1)?.finish_reason).toBe("length");
    }
  });

  test("has the configured pace", async () => {
    const [begun, took] = [performance.now(), stopwatch()];
    const answer = await ask(
      { ...HELLO, stream: true },
      { first_token_ms: 50, tokens_per_second: 200, reply_tokens: 20 },
    );
    expect(performance.now() - begun).toBeGreaterThan(45);
    await text(answer.body.chunks());
    expect(performance.now() - begun).toBeGreaterThan(50 + 90);
    expect(took()).toBeLessThan(2_000);
  });
});

describe("a call that is cut short", () => {
  const slow = { first_token_ms: 60_000 };
  const dripping = { tokens_per_second: 0.01 };

  test("takes effect at once before the answer", async () => {
    const cancellation = newCancellation();
    const answer = ask(HELLO, slow, { cancellation });
    cancellation.cancel();
    await expect(answer).rejects.toBeInstanceOf(CallCancelled);
    await expect(ask(HELLO, {}, { cancellation })).rejects.toBeInstanceOf(CallCancelled);
  });

  test("takes effect at once during the answer", async () => {
    const cancellation = newCancellation();
    const answer = await ask({ ...HELLO, stream: true }, dripping, { cancellation });
    setTimeout(cancellation.cancel, 20);
    await expect(text(answer.body.chunks())).rejects.toBeInstanceOf(CallCancelled);
  });

  test("leaves no timer behind when the reader stops", async () => {
    const answer = await ask({ ...HELLO, stream: true }, dripping);
    const chunks = answer.body.chunks();
    for await (const _chunk of chunks) break;
    await expect(chunks.next()).rejects.toBeInstanceOf(CallCancelled);
  });

  test("breaks a stream off that takes longer than the call allows", async () => {
    const answer = await ask({ ...HELLO, stream: true }, dripping, { wholeTimeoutMs: 20 });
    await expect(text(answer.body.chunks())).rejects.toBeInstanceOf(UpstreamTimeout);
  });

  test("throws UpstreamTimeout when the answer takes longer than the call allows", async () => {
    await expect(ask(HELLO, slow, { timeoutMs: 20 })).rejects.toBeInstanceOf(UpstreamTimeout);
  });
});

describe("errors", () => {
  test("have the configured status and OpenAI's shape", async () => {
    const answer = await ask(HELLO, { fail_with_status: 503 });
    expect(answer.status).toBe(503);
    expect(JSON.parse(await text(answer.body.chunks()))).toMatchObject({ error: { type: "server_error" } });
  });

  test.each([{}, { model: "m" }, { model: "m", messages: [] }, { ...HELLO, max_tokens: -1 }])(
    "are a 400 for %j",
    async (request) => {
      expect((await ask(request)).status).toBe(400);
    },
  );

  test("name invalid settings", () => {
    expect(() => ask(HELLO, { tokens_per_second: "many" })).toThrow("tokens_per_second");
  });
});

describe("countPieces", () => {
  test("counts words with their space, and other characters one by one", () => {
    expect(countPieces("")).toBe(0);
    expect(countPieces("one two, three")).toBe(4);
    expect(countPieces("  é🚀\n")).toBe(4);
  });

  test("never counts more than there are bytes", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (s) => countPieces(s) <= Buffer.byteLength(s)));
  });
});
