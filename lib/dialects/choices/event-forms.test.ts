import fc from "fast-check";
import { expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { pushBytes, pushEnd, type StreamMeter, streamMeter } from "#lib/dialects/events/stream-meter";
import { cutAt, legalStream } from "#lib/dialects/testing/event-stream";
import { quickestMs } from "#lib/testing/promptness";
import { choiceEvents } from "./events";

const chunk = (fields: object) => JSON.stringify({ id: "c", object: "chat.completion.chunk", ...fields });
const content = (text: string) => chunk({ choices: [{ index: 0, delta: { content: text } }] });
const finish = (index: number) => chunk({ choices: [{ index, delta: {}, finish_reason: "stop" }] });
const usage = (tokens: number) =>
  chunk({ choices: [], usage: { prompt_tokens: 7, completion_tokens: tokens, total_tokens: 7 + tokens } });

function play(pieces: readonly Buffer[], passUsage: boolean, answers = 1) {
  const meter = streamMeter(choiceEvents, { passUsage, answers });
  const relayed = [...pieces.flatMap((piece) => pushBytes(meter, piece)), ...pushEnd(meter)];
  const text = Buffer.concat(relayed).toString("utf8");
  // A browser ignores an event without its blank line.
  expect(text).toMatch(/^$|(?:\n|\r|\r\n){2}$/);
  return { payloads: eventPayloads(text), meter };
}
const verdictOf = ({ usage, done, finished, fault, contentEvents }: StreamMeter) => ({
  usage,
  done,
  finished,
  fault,
  contentEvents,
});

const payload = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1 }).map(content),
  fc.constantFrom(content("data: x\n\ndata: [DONE]\r\n\r\n: y"), finish(0), usage(3), usage(4)),
);
const stream = fc
  .tuple(fc.array(payload, { minLength: 1, maxLength: 6 }), fc.constantFrom([], ["[DONE]"], [" [DONE] "]))
  .map(([payloads, end]) => [...payloads, ...end]);

test("events in any legal form and in any pieces are relayed and metered the same", () => {
  fc.assert(
    fc.property(
      stream.chain((payloads) => fc.tuple(fc.constant(payloads), legalStream(payloads))),
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.boolean(),
      ([payloads, text], positions, passUsage) => {
        const plain = play([Buffer.from(payloads.map((line) => `data: ${line}\n\n`).join(""))], passUsage);
        const odd = play(cutAt(Buffer.from(text), positions), passUsage);
        const parsed = (texts: readonly string[]) => texts.map((line): unknown => JSON.parse(line));
        expect(parsed(odd.payloads)).toEqual(parsed(plain.payloads));
        expect(verdictOf(odd.meter)).toEqual(verdictOf(plain.meter));
        expect(odd.meter.fault).toBeNull();
        expect(odd.meter.done).toBe(payloads.at(-1)?.trim() === "[DONE]");
      },
    ),
    { numRuns: 1_000 },
  );
});

test.each(["data: [DONE]", "data: [DONE]\n", "data:[DONE]\r", "data:  [DONE]  \r\n"])(
  "a stream may end in %j, without a blank line",
  (end) => {
    expect(play([Buffer.from(`data: ${content("a")}\n\n${end}`)], false).meter.done).toBe(true);
  },
);

test("the last event is relayed whole though its blank line is missing", () => {
  const { payloads, meter } = play([Buffer.from(`data: ${content("a")}\n\ndata: ${finish(0)}`)], false);
  expect(payloads).toEqual([content("a"), finish(0)]);
  expect(meter).toMatchObject({ finished: true, fault: null });
});

test("half an event at the end breaks the stream", () => {
  const { payloads, meter } = play([Buffer.from(`data: ${content("a")}\n\ndata: {"choices":[{"ind`)], false);
  expect(payloads).toEqual([content("a")]);
  expect(meter.fault).toEqual({ kind: "broken" });
});

test("an event without a payload reaches no client, whose SDK would try to parse it", () => {
  const { payloads } = play([Buffer.from(`data:\n\ndata: \n\ndata: ${content("a")}\n\n`)], false);
  expect(payloads).toEqual([content("a")]);
});

test("with several answers, a stream is finished once each of them is", () => {
  const text = (indexes: number[]) =>
    Buffer.from(indexes.map((index) => `data: ${finish(index)}\n\n`).join(""));
  expect(play([text([0])], false, 1).meter.finished).toBe(true);
  expect(play([text([0])], false, 3).meter.finished).toBe(false);
  expect(play([text([0, 2, 0, 2])], false, 3).meter.finished).toBe(false);
  expect(play([text([0, 2, 1])], false, 3).meter.finished).toBe(true);
});

test("a choice is not finished by an empty reason, nor by one elsewhere in the chunk", () => {
  for (const fields of [
    { choices: [{ index: 0, delta: { content: "a" }, finish_reason: "" }] },
    { choices: [{ index: 0, delta: { content: "a" } }], metadata: { finish_reason: "stop" } },
  ]) {
    expect(play([Buffer.from(`data: ${chunk(fields)}\n\n`)], false).meter.finished).toBe(false);
  }
});

test("one event of 15 MB in pieces of 64 KB is metered in a fraction of a second", async () => {
  const image = `data:image/png;base64,${"iVBORw0KGgo".repeat(15 * 95_000)}`;
  const text = Buffer.from(
    `data: ${chunk({ choices: [{ index: 0, delta: { images: [{ url: image }] } }] })}\n\n`,
  );
  const pieces = cutAt(
    text,
    Array.from({ length: Math.floor(text.length / 65_536) }, (_, at) => at * 65_536),
  );
  const { payloads, meter } = play(pieces, false);
  expect(meter.fault).toBeNull();
  expect(payloads.join("").length).toBeGreaterThan(15_000_000);
  // A reader that joins and searches all of it again for each piece takes 3 s.
  expect(await quickestMs(() => play(pieces, false))).toBeLessThan(1_000);
});
