import { expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { messages } from "#lib/dialects/messages/dialect";
import { answeredBy, answering, eventsOf, MAX_BYTES } from "#lib/translation/testing/translate";

const asked = {
  model: "m",
  max_tokens: 9,
  messages: [{ role: "user", content: "Hello!" }],
  tools: [{ name: "f", input_schema: { type: "object" } }],
};
/** A part of a call, as OpenAI streams it. */
const part = (index: number, args: string, isFirst = false) =>
  chunk({
    tool_calls: [
      {
        index,
        ...(isFirst ? { id: `c${index}`, type: "function" } : {}),
        function: { ...(isFirst ? { name: "f" } : {}), arguments: args },
      },
    ],
  });
const chunk = (delta: object, reason: string | null = null) => ({
  id: "1",
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason: reason }],
});

const streamed = (chunks: readonly object[], reason: string) =>
  answeredBy(
    "messages",
    "chat",
    { ...asked, stream: true },
    [eventsOf([...chunks, chunk({}, reason), "[DONE]"])],
    "gpt-4.1",
  );

function contentOf(events: string): unknown {
  const assembler = messages.assembler();
  for (const payload of eventPayloads(events)) assembler.add(payload);
  return JSON.parse(assembler.whole()?.toString() ?? "null")?.content;
}
const used = (...inputs: object[]) =>
  inputs.map((input, at) => ({ type: "tool_use", id: `c${at}`, name: "f", input }));

test.each([
  [
    "begin before another has arguments",
    [part(0, "", true), part(1, "", true), part(1, '{"a":1}'), part(0, '{"b":2}')],
    [{ b: 2 }, { a: 1 }],
  ],
  ["have no arguments", [part(0, "", true), part(1, '{"a":1}', true)], [{}, { a: 1 }]],
  [
    "have theirs in turn",
    [part(0, '{"a"', true), part(1, '{"b"', true), part(0, ":1}"), part(1, ":2}")],
    [{ a: 1 }, { b: 2 }],
  ],
])("calls that %s have a block each", async (_, chunks, inputs) => {
  const events = await streamed(chunks, "tool_calls");
  expect(contentOf(events)).toEqual(used(...inputs));
  expect(events.match(/content_block_(?:start|stop)"/g)).toEqual(
    inputs.flatMap(() => ['content_block_start"', 'content_block_stop"']),
  );
});

test("broken arguments are an error, of a stream as of a whole answer, but not where the bound cut them", async () => {
  const broken = [part(0, "", true), part(1, '{"a":', true)];
  const events = await streamed(broken, "tool_calls");
  expect(events).toContain("event: error");
  expect(events).not.toMatch(/message_stop|\{\}\{\}|:\{\}"/);
  const cut = await streamed([part(0, '{"a":', true)], "length");
  expect(cut).toContain('"partial_json":"{\\"a\\":"');
  expect(cut).toContain('"stop_reason":"max_tokens"');
  const message = {
    role: "assistant",
    tool_calls: [{ id: "c0", type: "function", function: { name: "f", arguments: '{"a":' } }],
  };
  const whole = (finish_reason: string) =>
    JSON.stringify({ object: "chat.completion", choices: [{ index: 0, message, finish_reason }] });
  const { body, reading } = answering("messages", "chat", "gpt-4.1", asked, [whole("tool_calls")]);
  expect(await reading.readWhole(await body.whole(MAX_BYTES))).toMatchObject({ said: "unusable" });
  expect(JSON.parse(await answeredBy("messages", "chat", asked, [whole("length")], "gpt-4.1"))).toMatchObject(
    {
      content: [{ type: "tool_use", id: "c0", name: "f", input: {} }],
      stop_reason: "max_tokens",
    },
  );
});
