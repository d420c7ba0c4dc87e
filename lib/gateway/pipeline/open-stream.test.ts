import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pushBytes, pushEnd } from "#lib/dialects/events/stream-meter";
import { DIALECTS } from "#lib/dialects/registry";
import { cutAt } from "#lib/dialects/testing/event-stream";
import { ERRORS_IN_A_200 } from "#lib/gateway/testing/errors-in-a-200";
import { newCancellation } from "#lib/providers/cancellation";
import { bodyOf } from "#lib/providers/upstream-body";
import { openStream } from "./open-stream";

const event = (fields: object) => `data: ${JSON.stringify(fields)}\n\n`;
const delta = (fields: object, more: object = {}) =>
  event({ choices: [{ index: 0, delta: fields, ...more }] });
const USAGE = event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });

async function opened(pieces: readonly Buffer[]) {
  const [dialect] = DIALECTS;
  if (dialect === undefined) throw new Error("no dialect");
  const body = bodyOf(Readable.from(pieces.filter((piece) => piece.length > 0)));
  const answer = { status: 200, headers: { "content-type": "text/event-stream" }, body };
  const options = { passUsage: false, answers: 1, timeoutMs: 10_000 };
  const opening = await openStream(answer, dialect, options, newCancellation());
  if (opening.kind === "said") return opening;
  const { meter, first, source } = opening.stream;
  const relayed = [...first];
  for (let step = await source.next(); !step.done; step = await source.next()) {
    relayed.push(...pushBytes(meter, step.value));
  }
  relayed.push(...pushEnd(meter));
  return {
    kind: opening.kind,
    relayed: String(Buffer.concat(relayed)),
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

  test("is the same however its bytes are split", async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat(), { maxLength: 8 }), async (bytes, positions) => {
        expect(await opened(cutAt(bytes, positions))).toEqual(await opened([bytes]));
      }),
      { numRuns: 400 },
    );
  });

  test.each(ERRORS_IN_A_200)("is an error byte by byte: $name", async ({ body }) => {
    const bytes = Buffer.from(delta({ role: "assistant", content: "" }) + event(body ?? {}));
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(await opened(single)).toMatchObject({ kind: "said", read: { said: "error" } });
  });

  test("is content once there was any, whatever follows", async () => {
    const { kind } = await opened([
      Buffer.from(delta({ content: "Hi" }) + event({ error: { message: "no" } })),
    ]);
    expect(kind).toBe("open");
  });

  test("is unusable after megabytes without content", async () => {
    const ping = Buffer.from(`: ${"x".repeat(64 * 1024)}\n\n`);
    const opening = await opened(Array.from({ length: 80 }, () => ping));
    expect(opening).toMatchObject({ kind: "said", read: { said: "unusable" } });
  });
});
