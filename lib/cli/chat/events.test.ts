import { describe, expect, test } from "vitest";
import { eventData } from "./events";

async function read(text: string, pieceBytes: number) {
  const bytes = new TextEncoder().encode(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  const events = eventData(pieces());
  const data: string[] = [];
  for (;;) {
    const event = await events.next();
    if (event.done) return { data, ...event.value };
    data.push(event.value);
  }
}

const stream = 'data: {"a":"ä→"}\r\n\r\n: a comment\nevent: x\ndata:{"b":1}\n\ndata: [DONE]\n\n';

describe("the events of a stream", () => {
  test.each([1, 2, 3, 7, 1000])("are the same in pieces of %i bytes", async (pieceBytes) => {
    expect(await read(stream, pieceBytes)).toEqual({ data: ['{"a":"ä→"}', '{"b":1}'], complete: true });
  });

  test("are incomplete without [DONE]", async () => {
    expect(await read('data: {"a":1}\n\n', 5)).toEqual({ data: ['{"a":1}'], complete: false });
  });
});
