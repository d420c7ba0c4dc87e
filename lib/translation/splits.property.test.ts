import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLIENTS } from "./registry";
import { type AnswerPlan, requestOf } from "./testing/answers/heard";
import { ANSWERS as OF_WIRES } from "./testing/answers/of-wires";
import * as converse from "./testing/converse/answers";
import { CALLS, TEXT } from "./testing/gemini/answers";
import { answeredBy, answering, eventsOf } from "./testing/translate";

const RECORDED = "/work/shared/recorded/google";

const ANSWERS: Readonly<Record<string, string>> = {
  text: eventsOf(TEXT),
  calls: eventsOf(CALLS),
  ...recorded("google-text"),
  ...recorded("google-tool-call"),
};
/** By wire. */
const STREAMS: readonly (readonly [wire: string, name: string, events: string])[] = [
  ...Object.entries(ANSWERS).map(([name, events]) => ["gemini", name, events] as const),
  ["converse", "text", converse.sseOf(converse.eventsOf(converse.TEXT))],
  ["converse", "calls", converse.sseOf(converse.eventsOf(converse.CALLS))],
];

/** Recorded answers have one payload in a line. */
function recorded(name: string): Record<string, string> {
  const file = `${RECORDED}/${name}.chunks.txt`;
  if (!existsSync(file)) return {};
  return { [name]: eventsOf(readFileSync(file, "utf8").trim().split("\n")) };
}

const REQUESTS = {
  chat: { model: "m", stream: true, messages: [{ role: "user", content: "Hi" }] },
  messages: { model: "m", stream: true, max_tokens: 9, messages: [{ role: "user", content: "Hi" }] },
};

/** Ids and times differ from one answer to the next. */
const plain = (text: string) =>
  text.replace(/call_[0-9a-f]{24}/g, "call_x").replace(/"created(?:_at)?":\d+/g, "");

describe.each(Object.entries(REQUESTS))("a stream to a client of %s", (dialect, request) => {
  test.each(STREAMS)("is the same wherever its bytes are split: %s, %s", async (wire, _, events) => {
    const bytes = Buffer.from(events);
    const whole = plain(await answeredBy(dialect, wire, request, [bytes]));
    expect(whole.length).toBeGreaterThan(200);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const pieces = cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end));
        expect(plain(await answeredBy(dialect, wire, request, pieces))).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });

  test.each(Object.entries(ANSWERS))("says what a whole answer says: %s", async (_, events) => {
    const streamed = await answeredBy(dialect, "gemini", request, [events]);
    const list = events
      .trim()
      .split("\n\n")
      .map((event) => event.slice(6));
    const whole = await answeredBy(dialect, "gemini", { ...request, stream: false }, [`[${list.join(",")}]`]);
    for (const [, text = ""] of streamed.matchAll(
      /"(?:content|text|thinking|reasoning_content)":"((?:[^"\\]|\\.)*)"/g,
    ))
      expect(whole).toContain(text);
    expect(whole).toMatch(/"(?:finish_reason|stop_reason)":"\w+"/);
  });
});

async function heard({ dialect, wire, model }: AnswerPlan, pieces: readonly Buffer[]): Promise<string> {
  const { body } = answering(dialect, wire, model, requestOf(dialect, true), pieces);
  let text = "";
  for await (const chunk of body.chunks()) text += chunk.toString("utf8");
  return plain(text);
}

const PLANS = Object.entries(OF_WIRES).flatMap(([wire, { model, said }]) =>
  CLIENTS.filter(({ dialect }) => dialect.name !== wire).map(({ dialect }) => ({
    dialect: dialect.name,
    wire,
    model,
    said,
  })),
);

test.each(PLANS)(
  "whatever the wire $wire says to a client of $dialect is the same wherever its bytes are split",
  async ({ said, ...plan }) => {
    for (const { events } of Object.values(said)) {
      const bytes = Buffer.from(events);
      const whole = await heard(plan, [bytes]);
      expect(whole).toContain("data: ");
      const places = fc.array(fc.nat(bytes.length), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(places, async (chosen) => {
          const cuts = [0, ...chosen.toSorted((a, b) => a - b), bytes.length];
          const pieces = cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end));
          expect(await heard(plan, pieces)).toBe(whole);
        }),
        { numRuns: 25 },
      );
    }
  },
);
