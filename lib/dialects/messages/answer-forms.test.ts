import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { messageAssembler, splitMessage } from "./answer-forms";
import { MESSAGE_STOP } from "./event-names";
import { ANSWER, message, playText, STOP } from "./testing/played-message";

function assembled(stream: string): unknown {
  const assembler = messageAssembler();
  for (const payload of eventPayloads(stream)) assembler.add(payload);
  const whole = assembler.whole();
  return whole === null ? null : JSON.parse(whole.toString());
}

const eventsOf = (events: readonly object[]) =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
const CUT_CALL = [
  { type: "content_block_start", index: 0, content_block: { type: "tool_use", name: "a", input: {} } },
  { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '{"a":' } },
];

const words = fc.string({ unit: "grapheme", maxLength: 12 });
const input = fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), words);
const block = fc.oneof(
  words.map((text) => ({ type: "text", text })),
  fc
    .tuple(words, words)
    .map(([text, title]) => ({ type: "text", text, citations: [{ type: "page_location", title }] })),
  fc.tuple(words, words).map(([thinking, signature]) => ({ type: "thinking", thinking, signature })),
  words.map((data) => ({ type: "redacted_thinking", data })),
  input.map((given) => ({ type: "tool_use", id: "toolu_1", name: "read", input: given })),
  words.map((url) => ({ type: "web_search_tool_result", tool_use_id: "s", content: [{ type: "x", url }] })),
);
const wholeMessage = fc.record({
  id: fc.constant("msg_1"),
  type: fc.constant("message"),
  role: fc.constant("assistant"),
  model: words,
  content: fc.array(block, { maxLength: 5 }),
  stop_reason: fc.constantFrom("end_turn", "tool_use", "max_tokens", "refusal"),
  stop_sequence: fc.constantFrom(null, "###"),
  usage: fc.record({ input_tokens: fc.nat(1_000_000), output_tokens: fc.nat(1_000_000) }),
});

describe("an answer in the other form", () => {
  test("is the whole message that the events add up to", () => {
    expect(assembled(ANSWER + STOP)).toEqual(
      message({
        content: [{ type: "text", text: "Hello! \u{1f600} \\u00e9" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 25, output_tokens: 15 },
      }),
    );
  });

  test("says the same after both ways, and is metered the same", () => {
    fc.assert(
      fc.property(wholeMessage, (whole) => {
        const stream = splitMessage(Buffer.from(JSON.stringify(whole)))?.toString() ?? "";
        expect(assembled(stream)).toEqual(whole);
        const { relayed, meter } = playText(stream);
        expect(relayed + STOP).toBe(stream);
        expect(meter.usage).toMatchObject({ outputTokens: whole.usage.output_tokens });
        expect(meter).toMatchObject({ done: true, finished: true });
      }),
    );
  });

  test.each(["max_tokens", "model_context_window_exceeded"])(
    "has no arguments of a call that was cut by the bound: %s",
    (stop_reason) => {
      const stream =
        eventsOf([...CUT_CALL, { type: "message_delta", delta: { stop_reason } }]) + MESSAGE_STOP.toString();
      const content = [{ type: "tool_use", name: "a", input: {} }];
      expect(assembled(stream)).toMatchObject({ content, stop_reason });
    },
  );

  test("is nothing if a call's arguments were cut otherwise, or if there is too much of it", () => {
    const ended = { type: "message_delta", delta: { stop_reason: "tool_use" } };
    expect(assembled(eventsOf(CUT_CALL))).toBeNull();
    expect(assembled(eventsOf([...CUT_CALL, ended]))).toBeNull();
    expect(assembled(`data: {"type":"x","a":${"[".repeat(1_500)}${"]".repeat(1_500)}}\n\n`)).toBeNull();
    expect(splitMessage(Buffer.from("["))).toBeNull();
  });
});
