import { expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import { DIALECTS } from "#lib/dialects/registry";
import { chatAnswer } from "#lib/testing/upstream/chat-answer";
import { answeredBy } from "#lib/translation/testing/translate";
import { otherStream } from "./other-streams";
import { geminiStream, otherWhole } from "./translated-answers";

const CONTENT = { kind: "chat", chunks: 100 } as const;
const chat = chatAnswer(CONTENT, { model: "m", stream: true, includeUsage: true, maxTokens: null });

test.each(["messages", "responses"] as const)(
  "a stream of %s says what chat's does, in events of its size",
  (name) => {
    const pieces = otherStream(name, CONTENT, { model: "m", inputTokens: 9 });
    const dialect = DIALECTS.find((known) => known.name === name);
    if (dialect === undefined) throw new Error(`${name} is not served`);
    const meter = streamMeter(dialect.events, { passUsage: true, answers: 1 });
    pushBytes(meter, Buffer.concat(pieces));
    expect(meter).toMatchObject({ done: true, fault: null, usage: { inputTokens: 9, outputTokens: 100 } });
    const words = pieces.filter((piece) => /[^t]word\d+/.test(piece.toString()) && piece.includes("delta"));
    expect(words.map(({ length }) => length)).toEqual(chat.pieces.slice(1, 101).map(({ length }) => length));
    expect(eventPayloads(Buffer.concat(pieces).toString())).toHaveLength(pieces.length);
  },
);

const ASKED = { model: "m", inputTokens: 9 };
const request = (stream: boolean) => ({
  model: "m",
  messages: [{ role: "user", content: "Hello!" }],
  stream,
});

test.each([
  ["gemini", geminiStream(CONTENT, ASKED)],
  ["messages", otherStream("messages", CONTENT, ASKED)],
] as const)(
  "a stream of %s is translated to what chat's says, from events of its size",
  async (wire, pieces) => {
    const said = eventPayloads(await answeredBy("chat", wire, request(true), pieces));
    const words = said.filter((payload) => /"content":" ?word\d+"/.test(payload));
    expect(words).toHaveLength(100);
    const sizes = chat.pieces.slice(1, 101).map(({ length }) => length);
    expect(pieces.filter((piece) => piece.includes("word")).map(({ length }) => length)).toEqual(sizes);
  },
);

test.each(["gemini", "messages"] as const)("a whole answer of %s has the size of chat's", async (wire) => {
  const whole = otherWhole(wire, { kind: "chat" }, ASKED);
  const like = chatAnswer(
    { kind: "chat" },
    { model: "m", stream: false, includeUsage: false, maxTokens: null },
  );
  expect(whole.length).toBe(like.pieces[0]?.length);
  expect(JSON.parse(await answeredBy("chat", wire, request(false), [whole]))).toMatchObject({
    choices: [{ message: { content: "Hello from the fake upstream." }, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, completion_tokens: 5 },
  });
});
