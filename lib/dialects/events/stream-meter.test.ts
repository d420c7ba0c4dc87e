import { describe, expect, test } from "vitest";
import { cutAt } from "#lib/dialects/testing/event-stream";
import { quickestMs } from "#lib/testing/promptness";
import { type EventReader, pushBytes, pushEnd, type StreamMeter, streamMeter } from "./stream-meter";

const MEGABYTE = 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

function recorder(): { events: string[]; meter: StreamMeter } {
  const events: string[] = [];
  const reader: EventReader = {
    names: new Set(["known"]),
    read: (_meter, payload, name) => {
      events.push(name + payload.toString("latin1"));
      return "relay";
    },
    terminal: () => Buffer.from(""),
    failed: () => Buffer.from(""),
  };
  return { events, meter: streamMeter(reader, { passUsage: false, answers: 1 }) };
}

const pieces = (text: Buffer, bytes: number) =>
  Array.from({ length: Math.ceil(text.length / bytes) }, (_, at) =>
    text.subarray(at * bytes, (at + 1) * bytes),
  );

describe("one event of 15 MB in pieces of 64 KB", () => {
  const line = `data: {"content":"${"x".repeat(1_000)}"}\n`;
  test.each([
    ["is one line", `data: ${"x".repeat(15 * MEGABYTE)}\n\n`],
    ["is many lines", `${line.repeat((15 * MEGABYTE) / line.length)}\n`],
    ["is many short lines and one CR", `\r${":\n".repeat((15 * MEGABYTE) / 2)}data: x\n\n`],
    ["is many short lines that end in CR LF", `${":\r\n".repeat((15 * MEGABYTE) / 3)}data: x\r\n\r\n`],
  ])("takes a fraction of a second: it %s", async (_, text) => {
    const all = pieces(Buffer.from(text), PIECE_BYTES);
    const read = () => {
      const { events, meter } = recorder();
      for (const piece of all) pushBytes(meter, piece);
      pushEnd(meter);
      expect(events).toHaveLength(1);
      expect(meter.fault).toBeNull();
    };
    // A quadratic reader takes 3 s and more.
    expect(await quickestMs(read)).toBeLessThan(800);
  });
});

describe("an event of more than 16 MB", () => {
  test.each([PIECE_BYTES, 64 * MEGABYTE])("breaks its stream, in pieces of %i bytes", (bytes) => {
    const { events, meter } = recorder();
    const text = Buffer.from(`data: a\n\ndata: ${"x".repeat(16 * MEGABYTE)}\n\ndata: b\n\n`);
    const relayed = pieces(text, bytes).flatMap((piece) => pushBytes(meter, piece));
    expect(Buffer.concat(relayed).toString()).toBe("data: a\n\n");
    expect(events).toEqual([" a"]);
    expect(meter).toMatchObject({ fault: { kind: "broken" }, lines: { restBytes: 0 } });
    expect(meter.lines.rest.length).toBe(0);
  });
});

test("what was relayed does not change when more arrives", () => {
  const { meter } = recorder();
  const text = Buffer.from(
    Array.from({ length: 200 }, (_, at) => `data: ${"y".repeat(at)}${at}\n\n`).join(""),
  );
  const positions = Array.from({ length: 900 }, (_, at) => at * 37);
  const relayed = cutAt(text, positions).flatMap((piece) => pushBytes(meter, piece));
  expect(Buffer.concat(relayed).toString()).toBe(text.toString());
});

describe("an event with a name that clients know", () => {
  const EVENT = "event: known\ndata: x\n\n";

  test("is relayed with its neighbours, and not copied", () => {
    const { events, meter } = recorder();
    const bytes = Buffer.from(`${EVENT}data: y\n\n${EVENT}`);
    const relayed = pushBytes(meter, bytes);
    expect(relayed.map(String)).toEqual([bytes.toString()]);
    expect(relayed[0]?.buffer).toBe(bytes.buffer);
    expect(events).toEqual(["known x", " y", "known x"]);
  });

  test.each([
    ["without a space before the name", "event:known\ndata: x\n\n"],
    ["with more spaces", "event:  known\ndata: x\n\n"],
    ["with a space after the name only", "event:known \ndata: x\n\n"],
    ["with lines that end in CR LF", "event: known\r\ndata: x\r\n\r\n"],
    ["with lines that end in CR", "event: known\rdata: x\r\r"],
    ["with a first line that ends in CR", "event: known\rdata: x\n\n"],
    ["with the name after the data", "data: x\nevent: known\n\n"],
    ["with a comment between", "event: known\n: hello\ndata: x\n\n"],
    ["with another name before", "event: other\nevent: known\ndata: x\n\n"],
    ["after a byte-order mark", `\uFEFF${EVENT}`],
  ])("is relayed alike: %s", (_, text) => {
    const bytes = Buffer.from(`${text}data: y\n\n`);
    for (let at = 0; at < bytes.length; at++) {
      const { events, meter } = recorder();
      const relayed = cutAt(bytes, [at]).flatMap((piece) => pushBytes(meter, piece));
      expect(Buffer.concat(relayed).toString()).toBe(`${EVENT}data: y\n\n`);
      expect(events).toEqual(["known x", " y"]);
    }
  });

  test("is not looked for in a later piece", () => {
    const { meter } = recorder();
    const pieces = ["event: known\n", ":23456 89012\ndata: x\n\n"].map((text) => Buffer.from(text));
    expect(Buffer.concat(pieces.flatMap((piece) => pushBytes(meter, piece))).toString()).toBe(EVENT);
  });

  test("keeps no name for the next", () => {
    const { meter } = recorder();
    const text = "event: known\n\ndata: x\n\n";
    expect(Buffer.concat(pushBytes(meter, Buffer.from(text))).toString()).toBe(":\n\ndata: x\n\n");
  });
});
