import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { chat } from "#lib/dialects/chat/dialect";
import type { AnswerDialect } from "#lib/dialects/dialect";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { type PlainRun, pushBytes, pushEnd, streamMeter } from "#lib/dialects/events/stream-meter";
import { noRareCharacters } from "#lib/dialects/text/rare-characters";
import { shownBytes } from "#lib/dialects/text/shown-bytes";
import type { Delta, Reported } from "#lib/translation/delta";
import { readingDialect } from "#lib/translation/reading-dialect";
import { decodeChat } from "./decode";
import { chatWriter } from "./write";

const turn = decodeChat({ messages: [{ role: "user", content: "Hello!" }] });
const writer = () =>
  chatWriter({ requestId: "r", model: "m", turn, toolNames: new Map(), customTools: new Set() });
const REPORTED: Reported = {
  usage: { ...NO_USAGE, inputTokens: 29, outputTokens: 15, cachedTokens: 20, reasoningTokens: 3 },
  isOfAll: true,
};

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const said: fc.Arbitrary<Delta> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text }),
  fc.record({ kind: fc.constant("think" as const), text }),
);
const finish: fc.Arbitrary<Delta> = fc.record({
  kind: fc.constant("finish" as const),
  reason: fc.constantFrom("stop" as const, "length" as const, "filter" as const),
  stopSequence: fc.constant(null),
});
const answer = fc.tuple(fc.array(said, { maxLength: 5 }), finish).map(([all, end]) => [...all, end]);

test("writes an answer of texts at once as its events would be assembled", () => {
  fc.assert(
    fc.property(answer, fc.constantFrom(REPORTED, null), (deltas, reported) => {
      const { write, end } = writer();
      const assembler = chat.assembler();
      for (const payload of eventPayloads(deltas.map(write).join("") + end(reported))) assembler.add(payload);
      const plain = writer().plainWhole?.(deltas, reported);
      const content = deltas.map((delta) => (delta.kind === "text" ? delta.text : "")).join("");
      if (plain !== null) expect(plain).toBe(assembler.whole()?.toString());
      else expect(content === "" || deltas.some(({ kind }) => kind === "think")).toBe(true);
    }),
  );
});

test("reads such an answer as the dialect reads it", async () => {
  const deltas: Delta[] = [
    { kind: "text", text: "Hi" },
    { kind: "finish", reason: "stop", stopSequence: null },
  ];
  const whole = Buffer.from(writer().plainWhole?.(deltas, REPORTED) ?? "");
  const read = await readingDialect(chat, () => REPORTED, { isPlainWhole: () => true }).readWhole(whole);
  expect(read).toEqual({ ...(await chat.readWhole(whole)), usage: REPORTED.usage });
  // Without a usage, the content is weighed.
  const unreported = await readingDialect(chat, () => null, { isPlainWhole: () => true }).readWhole(whole);
  expect(unreported).toMatchObject({ said: "content", usage: null, outputTokens: 1 });
});

test.each<Delta>([
  { kind: "call", index: 0, id: "call_1", name: "look" },
  { kind: "seal", seal: { maker: "google", scope: "aaaaaaaa", data: "x" } },
  { kind: "image", mediaType: "image/png", base64: "iVBORw0KGgo=" },
  { kind: "error", detail: {} },
])("leaves an answer with more than texts to its events: $kind", (delta) => {
  const end: Delta = { kind: "finish", reason: "stop", stopSequence: null };
  expect(writer().plainWhole?.([{ kind: "text", text: "Hi" }, delta, end], REPORTED)).toBeNull();
});

test("leaves an answer without an end to its events", () => {
  expect(writer().plainWhole?.([{ kind: "text", text: "Hi" }], REPORTED)).toBeNull();
});

test("counts the texts of its own events as the dialect counts them", () => {
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 3 }), (deltas, inChunk) => {
      const { write, end, takePlain } = writer();
      const events = deltas.map((delta) => ({
        bytes: Buffer.from(write(delta)),
        shown: takePlain?.() ?? null,
      }));
      events.push({ bytes: Buffer.from(end(REPORTED)), shown: null });
      const chunks: Buffer[] = [];
      const runs = new Map<Buffer, PlainRun>();
      for (let at = 0; at < events.length; at += inChunk) {
        const within = events.slice(at, at + inChunk);
        const chunk = Buffer.concat(within.map(({ bytes }) => bytes));
        chunks.push(chunk);
        const known = within.findIndex(({ shown }) => shown !== null);
        const plain = within[known];
        if (plain === undefined) continue;
        const start = Buffer.concat(within.slice(0, known).map(({ bytes }) => bytes)).length;
        const rare = noRareCharacters();
        const bytes = shownBytes(plain.shown ?? "", rare);
        runs.set(chunk, { start, end: start + plain.bytes.length, events: 1, bytes, rare });
      }
      const metered = (dialect: AnswerDialect) => {
        const meter = streamMeter(dialect.events, { passUsage: true, answers: 1 });
        const pushed = chunks.flatMap((chunk) => pushBytes(meter, chunk));
        const relayed = Buffer.concat([...pushed, ...pushEnd(meter)]).toString();
        const { contentEvents, contentBytes, rare, hasContent, done, finishedAnswers } = meter;
        return { relayed, contentEvents, contentBytes, rare, hasContent, done, finishedAnswers };
      };
      const plainIn = (chunk: Buffer) => runs.get(chunk) ?? null;
      expect(metered(readingDialect(chat, () => REPORTED, { plainIn }))).toEqual(metered(chat));
    }),
  );
});
