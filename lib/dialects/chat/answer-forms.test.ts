import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choiceEvents } from "#lib/dialects/choices/events";
import { readWholeChoices } from "#lib/dialects/choices/whole";
import { eventOf, eventPayloads } from "#lib/dialects/events/event-payloads";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import { legalStream } from "#lib/dialects/testing/event-stream";
import { quickestMs, stopwatch } from "#lib/testing/promptness";
import { isEventStream, loadProviderAnswers } from "#lib/testing/upstream/provider-answers";
import { chatAssembler, splitChat } from "./answer-forms";

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const call = fc.record({
  id: fc.uuid().map((id) => `call_${id}`),
  type: fc.constant("function"),
  function: fc.record({ name: fc.constantFrom("f", "get_weather"), arguments: text }),
});
const message = fc.record(
  {
    role: fc.constant("assistant"),
    content: fc.option(text),
    refusal: fc.option(text),
    reasoning_content: text,
    tool_calls: fc.array(call, { minLength: 1, maxLength: 3 }),
    annotations: fc.array(fc.record({ type: fc.constant("url_citation"), url: text }), { maxLength: 2 }),
    audio: fc.record({ id: fc.constant("audio_1"), data: text, transcript: text, expires_at: fc.nat() }),
    vendor_field: fc.jsonValue({ noUnicodeString: true, maxDepth: 1 }),
  },
  { requiredKeys: ["role", "content"] },
);
const logprob = fc.record({ token: text, logprob: fc.constant(-0.5), bytes: fc.array(fc.nat(255)) });
const choice = fc.record({
  message,
  logprobs: fc.option(
    fc.record({ content: fc.array(logprob, { maxLength: 3 }), refusal: fc.constant(null) }),
  ),
  finish_reason: fc.constantFrom("stop", "length", "tool_calls", "content_filter"),
});
const completion = fc
  .record(
    {
      id: fc.constant("chatcmpl-1"),
      created: fc.nat(),
      model: fc.constantFrom("gpt-4o", "m"),
      system_fingerprint: fc.constantFrom("fp_1", null),
      service_tier: fc.constant("default"),
      citations: fc.array(fc.webUrl(), { maxLength: 2 }),
      choices: fc.array(choice, { minLength: 1, maxLength: 3 }),
      usage: fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), total_tokens: fc.nat() }),
    },
    { requiredKeys: ["id", "created", "model", "choices"] },
  )
  .map((fields) => ({
    ...fields,
    object: "chat.completion",
    choices: fields.choices.map((made, index) => ({ index, ...made })),
  }));

function assembledBytes(payloads: readonly string[]): Buffer {
  const assembler = chatAssembler();
  for (const payload of payloads) assembler.add(payload);
  return assembler.whole() ?? Buffer.alloc(0);
}
const assembled = (payloads: readonly string[]): unknown =>
  JSON.parse(assembledBytes(payloads).toString("utf8"));
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));
const split = (whole: unknown) => splitChat(bytesOf(whole)) ?? Buffer.alloc(0);

describe("a whole answer as a stream", () => {
  test("adds up to the same answer", () => {
    fc.assert(
      fc.property(completion, (whole) => {
        const events = split(whole).toString("utf8");
        // Through text, as a client gets it: fast-check makes objects without a prototype.
        expect(assembled(eventPayloads(events))).toEqual(JSON.parse(JSON.stringify(whole)));
      }),
      { numRuns: 500 },
    );
  });

  test("has the same usage, and is finished", async () => {
    await fc.assert(
      fc.asyncProperty(completion, fc.boolean(), async (whole, passUsage) => {
        const meter = streamMeter(choiceEvents, { passUsage, answers: whole.choices.length });
        const relayed = Buffer.concat(pushBytes(meter, split(whole))).toString("utf8");
        expect(meter).toMatchObject({ done: true, finished: true, fault: null });
        expect(meter.usage).toEqual((await readWholeChoices(bytesOf(whole))).usage);
        if (meter.usage !== null) expect(relayed.includes('"choices":[],"usage"')).toBe(passUsage);
      }),
    );
  });
});

/** Cuts every text of a message into parts, as a provider streams it. */
function deltasOf(
  said: Record<string, unknown>,
  cut: (whole: string) => string[],
): Record<string, unknown>[] {
  const deltas: Record<string, unknown>[] = [{ role: said.role }];
  for (const field of ["content", "reasoning_content", "refusal"]) {
    const value = said[field];
    if (typeof value === "string") for (const part of cut(value)) deltas.push({ [field]: part });
    else if (value === null) deltas.push({ [field]: null });
  }
  return deltas;
}

describe("a stream as a whole answer", () => {
  test("joins texts and calls by their index, in any parts and any legal form of events", () => {
    const parts = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 4 });
    const chunk = (index: number, fields: object) =>
      JSON.stringify({
        id: "c",
        object: "chat.completion.chunk",
        model: "m",
        choices: [{ index, ...fields }],
      });
    fc.assert(
      fc.property(
        parts.chain((made) => {
          const payloads = [
            chunk(0, { delta: { role: "assistant", content: "" }, finish_reason: null }),
            ...made.flatMap(([first, second]) => [
              chunk(0, { delta: { content: first } }),
              chunk(1, { delta: { reasoning_content: second } }),
            ]),
            ...[1, 0].map((index) =>
              chunk(0, {
                delta: {
                  tool_calls: [
                    { index, id: `call_${index}`, type: "function", function: { name: "f", arguments: "" } },
                  ],
                },
              }),
            ),
            ...made.flatMap(([first, second]) => [
              chunk(0, { delta: { tool_calls: [{ index: 0, function: { arguments: first } }] } }),
              chunk(0, { delta: { tool_calls: [{ index: 1, id: "", function: { arguments: second } }] } }),
            ]),
            chunk(1, { delta: {}, finish_reason: "stop" }),
            chunk(0, { delta: {}, finish_reason: "tool_calls" }),
            "[DONE]",
          ];
          return fc.tuple(fc.constant(made), legalStream(payloads));
        }),
        ([made, stream]) => {
          const joined = (at: 0 | 1) => made.map((pair) => pair[at]).join("");
          expect(assembled(eventPayloads(stream))).toEqual({
            id: "c",
            object: "chat.completion",
            model: "m",
            choices: [
              {
                index: 0,
                finish_reason: "tool_calls",
                message: {
                  role: "assistant",
                  content: joined(0),
                  tool_calls: expect.arrayContaining([
                    { id: "call_0", type: "function", function: { name: "f", arguments: joined(0) } },
                    { id: "call_1", type: "function", function: { name: "f", arguments: joined(1) } },
                  ]),
                },
              },
              {
                index: 1,
                finish_reason: "stop",
                message: { role: "assistant", content: null, reasoning_content: joined(1) },
              },
            ],
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test("takes texts in parts and the last of other values", () => {
    const cut = (whole: string) => whole.match(/.{1,2}/gsu) ?? [];
    const said = { role: "assistant", content: "Grüße 🌍", reasoning_content: "Hmm.", refusal: null };
    const payloads = deltasOf(said, cut).map((delta) =>
      JSON.stringify({
        model: "m",
        system_fingerprint: null,
        choices: [{ index: 0, delta, finish_reason: "" }],
      }),
    );
    const last = JSON.stringify({
      model: "m-2026",
      system_fingerprint: "fp",
      citations: ["https://a.example"],
      choices: [{ index: 0, delta: { content: "" }, finish_reason: "length" }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    });
    expect(assembled([...payloads, last, "[DONE]"])).toEqual({
      object: "chat.completion",
      model: "m-2026",
      system_fingerprint: "fp",
      citations: ["https://a.example"],
      choices: [{ index: 0, finish_reason: "length", message: said }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    });
  });

  test("tells calls apart by their id if all have the same index, or none", () => {
    const chunk = (call: object) =>
      JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [call] } }] });
    const made = (id: string, text: string) => ({ id, function: { name: "f", arguments: text } });
    const calls = [made("a", "1"), made("b", "23")];
    const sameIndex = [
      chunk({ index: 0, ...made("a", "1") }),
      chunk({ index: 0, ...made("b", "2") }),
      chunk({ index: 0, id: "b", function: { arguments: "3" } }),
    ];
    for (const payloads of [sameIndex, calls.map(chunk)]) {
      expect(assembled(payloads)).toMatchObject({ choices: [{ message: { tool_calls: calls } }] });
    }
  });

  test("is linear in the number of its chunks", async () => {
    const chunk = JSON.stringify({
      choices: [{ index: 0, delta: { content: "word " }, logprobs: { content: [{ token: "word " }] } }],
    });
    const took = stopwatch();
    const whole = assembled(Array.from({ length: 100_000 }, () => chunk));
    expect(took()).toBeLessThan(5_000);
    expect(whole).toMatchObject({ choices: [{ message: { content: "word ".repeat(100_000) } }] });
  });

  const choice = (index: number) => ({ index, delta: { content: "a" } });
  const calls = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => ({ index: from + at, function: { arguments: "" } }));
  test.each([
    ["choices", Array.from({ length: 300 }, (_, index) => ({ choices: [choice(index)] }))],
    ["calls", [{ choices: [{ index: 0, delta: { tool_calls: calls(0, 60_000) } }] }]],
    [
      "calls in several chunks",
      [0, 150].map((from) => ({ choices: [{ index: 0, delta: { tool_calls: calls(from, from + 150) } }] })),
    ],
  ])("is none if it has more %s than any answer, and costs little", async (_, chunks) => {
    const payloads = chunks.map((chunk) => JSON.stringify(chunk));
    expect(assembledBytes(payloads).length).toBe(0);
    expect(await quickestMs(() => assembledBytes(payloads))).toBeLessThan(1_000);
  });

  test("keeps fields that are named like what objects inherit", () => {
    const message = {
      role: "assistant",
      content: "a",
      vendor: { valueOf: null, toString: "b", constructor: {}, ["__proto__"]: { ["__proto__"]: "c" } },
    };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    const events = split({ object: "chat.completion", choices }).toString("utf8");
    expect(assembled(eventPayloads(events))).toMatchObject({ choices });
  });

  test("cannot change what objects inherit", () => {
    assembled([
      '{"choices":[{"delta":{"__proto__":{"polluted":true},"content":"a"}}],"__proto__":{"polluted":true}}',
    ]);
    expect(Object.keys({})).toEqual([]);
    expect("polluted" in {}).toBe(false);
  });

  test.each(loadProviderAnswers().filter(isEventStream))(
    "$name has the stream's usage",
    async ({ response }) => {
      const bytes = Buffer.from(response.body);
      const meter = streamMeter(choiceEvents, { passUsage: true, answers: 1 });
      pushBytes(meter, bytes);
      const whole = await readWholeChoices(assembledBytes(eventPayloads(response.body)));
      expect(whole.said).toBe("content");
      expect(whole.usage).toEqual(meter.usage);
    },
  );
});

test("the payloads of events are read as the standard says", () => {
  expect(
    eventPayloads(`\uFEFF: x\r\ndata: a\r\n\r\n${eventOf({ b: 1 })}data:c\ndata:  d\revent: e\r\rdata: f`),
  ).toEqual(["a", '{"b":1}', "c\n d", "f"]);
});
