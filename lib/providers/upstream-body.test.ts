import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { countTurns } from "#lib/testing/count-turns";
import { bodyOf, LEAST_ROOM_BYTES, upstreamBody } from "./upstream-body";
import { CallCancelled } from "./upstream-error";

const source = () => ({ pause: vi.fn(), resume: vi.fn(), abort: vi.fn() });
const bytes = (text: string) => Buffer.from(text);
const broken = new Error("the connection broke");

describe("an upstream body", () => {
  test("has the same bytes as a whole and in chunks, however it arrives", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1 })),
        fc.nat(),
        fc.boolean(),
        async (pieces, late, inChunks) => {
          const { body, push, end } = upstreamBody(source());
          const before = late % (pieces.length + 1);
          for (const piece of pieces.slice(0, before)) push(bytes(piece));
          const read = inChunks ? text(body.chunks()) : body.whole(1e6).then(String);
          for (const piece of pieces.slice(before)) {
            push(bytes(piece));
            if (late % 2 === 0) await Promise.resolve();
          }
          end();
          expect(await read).toBe(pieces.join(""));
        },
      ),
    );
  });

  test("pauses its provider for a slow reader, and resumes it after a read", async () => {
    const from = source();
    const { body, push } = upstreamBody(from);
    for (let chunk = 0; chunk < 5; chunk++) push(Buffer.alloc(20_000));
    expect(from.pause).toHaveBeenCalledOnce();
    expect(from.resume).not.toHaveBeenCalled();
    const chunks = body.chunks();
    for (let bytes = 0; bytes < 100_000; ) {
      expect(from.resume).not.toHaveBeenCalled();
      const { value } = await chunks.next();
      expect(value?.length).toBeLessThanOrEqual(32 * 1024);
      bytes += value?.length ?? 0;
    }
    expect(from.resume).toHaveBeenCalledOnce();
  });

  test("lets others have their turn while a source always has more", async () => {
    const others = countTurns();
    const { body, push, end } = upstreamBody({
      ...source(),
      resume: () => (left-- > 0 ? push(Buffer.alloc(100_000)) : end()),
    });
    let left = 10;
    push(Buffer.alloc(100_000));
    let pieces = 0;
    for await (const _ of body.chunks()) pieces += 1;
    others.stop();
    expect(pieces).toBeGreaterThan(30);
    expect(others.turns()).toBeGreaterThan(30);
  });

  test("does not pause its provider when it is read as a whole", async () => {
    const from = source();
    const { body, push, end } = upstreamBody(from);
    push(Buffer.alloc(100_000));
    const whole = body.whole(1e6);
    expect(from.resume).toHaveBeenCalledOnce();
    push(Buffer.alloc(100_000));
    expect(from.pause).toHaveBeenCalledOnce();
    end();
    expect(await whole).toHaveLength(200_000);
  });

  test("pauses its provider while there is no room for it as a whole", async () => {
    const from = source();
    const { body, push, end } = upstreamBody(from);
    const taken: number[] = [];
    let goOn = () => {};
    const take = (count: number) => (taken.push(count) < 3 ? null : broken);
    const isFree = (resume: () => void) => {
      goOn = resume;
      return taken.length < 2;
    };
    const whole = body.whole(1e8, { take, isFree });
    push(Buffer.alloc(LEAST_ROOM_BYTES - 1));
    expect(taken).toEqual([]);
    push(Buffer.alloc(1));
    expect(from.pause).not.toHaveBeenCalled();
    push(Buffer.alloc(10));
    expect(from.pause).toHaveBeenCalledOnce();
    goOn();
    expect(from.resume).toHaveBeenCalledOnce();
    expect(taken).toEqual([LEAST_ROOM_BYTES, 10]);
    end();
    expect(await whole).toHaveLength(LEAST_ROOM_BYTES + 10);
  });

  test("is cut when no room is left for it", async () => {
    const from = source();
    const { body, push } = upstreamBody(from);
    const whole = body.whole(1e8, { take: () => broken, isFree: () => true });
    push(Buffer.alloc(LEAST_ROOM_BYTES));
    await expect(whole).rejects.toBe(broken);
    expect(from.abort).toHaveBeenCalledOnce();
  });

  test("is cut when it is too large", async () => {
    const from = source();
    const { body, push } = upstreamBody(from);
    push(bytes("12345"));
    const whole = body.whole(8);
    push(bytes("6789"));
    await expect(whole).rejects.toThrow("larger than 8 bytes");
    expect(from.abort).toHaveBeenCalledOnce();
  });

  test("returns what has arrived before the error when it breaks", async () => {
    const { body, push, fail } = upstreamBody(source());
    push(bytes("one"));
    fail(broken);
    const chunks = body.chunks();
    expect(String((await chunks.next()).value)).toBe("one");
    await expect(chunks.next()).rejects.toBe(broken);
    await expect(body.whole(10)).rejects.toBe(broken);
  });

  test("fails a waiting read when it breaks", async () => {
    const chunked = upstreamBody(source());
    const next = chunked.body.chunks().next();
    chunked.fail(broken);
    await expect(next).rejects.toBe(broken);
    const whole = upstreamBody(source());
    const read = whole.body.whole(10);
    whole.fail(broken);
    await expect(read).rejects.toBe(broken);
  });

  test("aborts its source once when it is cut, and returns no more", async () => {
    const from = source();
    const { body, push, end } = upstreamBody(from);
    push(bytes("one"));
    const chunks = body.chunks();
    body.cut();
    body.cut();
    push(bytes("two"));
    end();
    await expect(chunks.next()).rejects.toBeInstanceOf(CallCancelled);
    expect(from.abort).toHaveBeenCalledOnce();
  });

  test("is not cut after its end", () => {
    const from = source();
    const { body, end } = upstreamBody(from);
    end();
    body.cut();
    expect(from.abort).not.toHaveBeenCalled();
  });

  test("is cut when its reader stops early", async () => {
    const from = source();
    const { body, push } = upstreamBody(from);
    push(bytes("one"));
    for await (const _chunk of body.chunks()) break;
    expect(from.abort).toHaveBeenCalledOnce();
  });
});

describe("a body from a Node stream", () => {
  test("has the bytes of the stream", async () => {
    const stream = new PassThrough();
    stream.end("all of it");
    expect(await text(bodyOf(stream).chunks())).toBe("all of it");
  });

  test("destroys the stream when it is cut, and fails with its error", async () => {
    const stream = new PassThrough();
    bodyOf(stream).cut();
    expect(stream.destroyed).toBe(true);
    const other = new PassThrough();
    const whole = bodyOf(other).whole(10);
    other.destroy(broken);
    await expect(whole).rejects.toBe(broken);
  });
});
