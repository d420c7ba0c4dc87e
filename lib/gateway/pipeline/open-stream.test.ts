import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { pushBytes, pushEnd } from "#lib/dialects/events/stream-meter";
import { DIALECTS } from "#lib/dialects/registry";
import { cutAt } from "#lib/dialects/testing/event-stream";
import { answerBytes } from "#lib/gateway/ports/answer-bytes";
import { ERRORS_IN_A_200 } from "#lib/gateway/testing/errors-in-a-200";
import { newCancellation } from "#lib/providers/cancellation";
import { hideSecrets } from "#lib/providers/hide-secrets";
import { bodyOf } from "#lib/providers/upstream-body";
import { openStream } from "./open-stream";

const event = (fields: object) => `data: ${JSON.stringify(fields)}\n\n`;
const delta = (fields: object, more: object = {}) =>
  event({ choices: [{ index: 0, delta: fields, ...more }] });
const USAGE = event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });

async function opened(pieces: readonly Buffer[], requestCharacters = 100) {
  const [dialect] = DIALECTS;
  if (dialect === undefined) throw new Error("no dialect");
  const body = bodyOf(Readable.from(pieces.filter((piece) => piece.length > 0)));
  const answer = { status: 200, headers: { "content-type": "text/event-stream" }, body };
  const options = { passUsage: false, answers: 1, timeoutMs: 60_000, late: null, requestCharacters };
  const count = answerBytes({ callerBytes: 1e9, processBytes: 1e9 }).open("a");
  const opening = await openStream(answer, dialect, { ...options, count }, newCancellation());
  if (opening.kind === "said") return opening;
  const { meter, first, source } = opening.stream;
  const relayed = [...first];
  for (let step = await source.next(); !step.done; step = await source.next()) {
    relayed.push(...pushBytes(meter, step.value));
  }
  relayed.push(...pushEnd(meter));
  return {
    kind: opening.kind,
    // How many heartbeats are relayed depends on when they come.
    relayed: String(Buffer.concat(relayed)).replaceAll(/^:\n\n/gm, ""),
    usage: meter.usage,
    fault: meter.fault,
  };
}

describe("what a provider has said", () => {
  const part = fc.oneof(
    fc.constantFrom(
      ": ping\n\n",
      "\n",
      "event: x\n\n",
      delta({ role: "assistant", content: "" }),
      delta({}),
      event({ choices: [], prompt_filter_results: [] }),
      event({ type: "ping" }),
      delta({ content: "Hi" }),
      delta({ content: "Grüße 🌍" }),
      delta({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "" } }] }),
      delta({}, { finish_reason: "stop" }),
      delta({}, { finish_reason: "error" }),
      USAGE,
      "event: error\ndata: overloaded\n\n",
      "data: {broken\n\n",
      "data: [DONE]\n\n",
      "<html>",
      "Bad gateway",
      " ",
      "\uFEFF",
    ),
    fc.constantFrom(...ERRORS_IN_A_200).map(({ body }) => event(body ?? {})),
    fc.constantFrom(...ERRORS_IN_A_200).map(({ body }) => JSON.stringify(body)),
  );
  const stream = fc.array(part, { maxLength: 6 }).map((parts) => Buffer.from(parts.join("")));

  const ended = Buffer.from(`${delta({}, { finish_reason: "error" })}data: [DONE]\n\n${USAGE}`);

  test("is the same however its bytes are split", async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat(), { maxLength: 8 }), async (bytes, positions) => {
        expect(await opened(cutAt(bytes, positions))).toEqual(await opened([bytes]));
      }),
      { numRuns: 400, examples: [[ended, [ended.length - USAGE.length]]] },
    );
  });

  test.each(ERRORS_IN_A_200)("is an error byte by byte: $name", async ({ body }) => {
    const bytes = Buffer.from(delta({ role: "assistant", content: "" }) + event(body ?? {}));
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(await opened(single)).toMatchObject({ kind: "said", read: { said: "error" } });
  });

  const KEY = "sk-live-0123456789abcdef";
  const text = fc.constantFrom(KEY, `a ${KEY}`, "x", "[DONE]", '{"choices":[]}', "");
  const field = fc
    .tuple(
      fc.constantFrom("", "event", "id", "retry", "data", "x", KEY),
      fc.constantFrom(":", ": ", ""),
      text,
    )
    .map((parts) => parts.join(""));
  const anyEvent = fc
    .tuple(fc.array(field, { maxLength: 4 }), fc.constantFrom("\n", "\r", "\r\n"))
    .map(([lines, end]) => [...lines, "", ""].join(end));
  const keyed = fc.constantFrom(
    delta({ content: KEY }),
    event({ choices: [], headers: { authorization: `Bearer ${KEY}` } }),
    event({ choices: [], [KEY]: 1 }),
    event({ type: "ping", key: KEY }),
    event({ error: { message: KEY } }),
    JSON.stringify({ choices: [{ index: 0, message: { content: KEY }, finish_reason: "stop" }] }),
  );
  const hostile = fc
    .array(fc.oneof(part, anyEvent, keyed), { maxLength: 8 })
    .map((parts) => Buffer.from(parts.join("")));

  test("reaches the client as nothing but chunks, and without our key, in any pieces", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.array(fc.nat(), { maxLength: 8 }), async (bytes, positions) => {
        const opening = await opened(cutAt(bytes, positions));
        if (opening.kind === "said") return;
        const shown = String(hideSecrets(Buffer.from(opening.relayed), { secrets: [KEY], signer: null }));
        expect(shown).not.toContain(KEY);
        expect(shown.replaceAll(/^data(?::[^\n]*)?$/gm, "").trim()).toBe("");
        for (const payload of eventPayloads(shown)) {
          expect(JSON.parse(payload)).toMatchObject({ choices: expect.any(Array) });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("is content once there was any, whatever follows", async () => {
    const { kind } = await opened([
      Buffer.from(delta({ content: "Hi" }) + event({ error: { message: "no" } })),
    ]);
    expect(kind).toBe("open");
  });

  const PIECE = 64 * 1024;
  const MEGABYTE = 16;
  const silence: [string, string][] = [
    ["blank lines", "\n"],
    ["blank lines in CR LF", "\r\n"],
    ["spaces", " "],
    ["comments", `: ${"x".repeat(PIECE - 4)}\n\n`],
    ["comments in one line", `: ${"x".repeat(PIECE)}`],
    ["empty comments", ":\n\n"],
    ["ids", "id: 1\n"],
  ];
  const pieceOf = (text: string) => Buffer.from(text.repeat(Math.ceil(PIECE / text.length)));

  test.each(silence)("is content after 15 MB of %s, which are not kept", async (_, text) => {
    const pieces = Array.from({ length: 15 * MEGABYTE }, () => pieceOf(text));
    const opening = await opened([...pieces, Buffer.from(`\n\n${delta({ content: "Hi" })}${USAGE}`)]);
    expect(opening).toMatchObject({
      kind: "open",
      relayed: delta({ content: "Hi" }),
      usage: { inputTokens: 7 },
    });
  });

  test.each(silence)("is unusable after 64 MB of %s", { timeout: 60_000 }, async (_, text) => {
    const pieces = Array.from({ length: 66 * MEGABYTE }, () => pieceOf(text));
    const opening = await opened([...pieces, Buffer.from(`\n\n${delta({ content: "Hi" })}`)]);
    expect(opening).toMatchObject({ kind: "said", read: { said: "unusable" } });
  });

  test("is unusable after 4 MB of chunks without content", async () => {
    const role = Buffer.from(delta({ role: "assistant", content: "" }).repeat(700));
    const opening = await opened(Array.from({ length: 100 }, () => role));
    expect(opening).toMatchObject({ kind: "said", read: { said: "unusable" } });
  });

  test("is content after chunks that repeat a long request", async () => {
    const repeated = { instructions: "a".repeat(3_000_000), choices: [{ index: 0, delta: { content: "" } }] };
    const echo = Buffer.from(event(repeated));
    const hi = Buffer.from(delta({ content: "Hi" }));
    expect(await opened([echo, echo, echo, hi], 3_000_000)).toMatchObject({ kind: "open" });
    expect(await opened([echo, echo, echo, hi])).toMatchObject({ kind: "said", read: { said: "unusable" } });
  });
});
