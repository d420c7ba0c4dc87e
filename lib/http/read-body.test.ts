import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readWebBody, utf8Text } from "./read-body";

const characters = fc.array(
  fc.constantFrom("a", "\0", "\ufeff", "ü", "—", "漢", "😀", "\u{10ffff}", "\uffff"),
  {
    minLength: 1,
    maxLength: 50,
  },
);

test("a text is the same however large it is, in every alphabet", () => {
  fc.assert(
    fc.property(characters, (characters) => {
      const text = characters.join("");
      for (const whole of [text, text.repeat(Math.ceil(70_000 / text.length))]) {
        // Not by expect, which would print the difference of large texts for minutes.
        if (utf8Text(Buffer.from(whole)) !== whole) throw new Error(`differs: ${text}`);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([10, 100_000])("bytes that are not UTF-8 are rejected: after %i others", (before) => {
  for (const bytes of [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe6, 0xbc]]) {
    const body = Buffer.concat([Buffer.alloc(before, "漢"), Buffer.from(bytes)]);
    expect(() => utf8Text(body)).toThrow("not valid UTF-8");
  }
});

describe("a body of a declared length", () => {
  const bodyOf = (declared: number, parts: readonly string[], ends: boolean) => {
    const rest = parts.map((part) => new TextEncoder().encode(part));
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = rest.shift();
        if (part !== undefined) controller.enqueue(part);
        else if (ends) controller.close();
      },
    });
    return { headers: new Headers({ "content-length": String(declared) }), body };
  };

  test.each([
    ["in one part", 5, ["hello"]],
    ["in several", 5, ["h", "el", "lo"]],
    ["that is empty", 0, []],
  ])("is read without waiting for its end: %s", async (_, declared, parts) => {
    expect(String(await readWebBody(bodyOf(declared, parts, false), 100))).toBe(parts.join(""));
  });

  test("is incomplete if it ends before", async () => {
    await expect(readWebBody(bodyOf(6, ["hello"], true), 100)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("incomplete"),
    });
  });
});
