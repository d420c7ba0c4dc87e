import { expect, test } from "vitest";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import { DIALECTS } from "#lib/dialects/registry";
import { chatAnswer } from "#lib/testing/upstream/chat-answer";
import { otherStream } from "./other-streams";

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
