import { describe, expect, test } from "vitest";
import { chat } from "#lib/dialects/chat/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { countTokens } from "./count-tokens";
import { inputTokenBound } from "./estimate";
import { bytesByNormalization, bytesByNormalizationIn } from "./normalized-bytes";
import { countedInputBound } from "./spending-bound";

const isSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;
const CHARACTERS = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => !isSurrogate(code))
  .map((code) => String.fromCodePoint(code));
const normalized = (text: string) =>
  Math.max(Buffer.byteLength(text.normalize("NFC")), Buffer.byteLength(text.normalize("NFKC")));
const escaped = (text: string) =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
    .map((code) => `\\u${code.toString(16).padStart(4, "0")}`)
    .join("");

describe("what normalization adds to a text", () => {
  const longer = CHARACTERS.filter((character) => normalized(character) > Buffer.byteLength(character));

  test("is known of each character", () => {
    expect(longer.length).toBeGreaterThan(900);
    expect(longer.filter((character) => bytesByNormalization(character) === 0)).toEqual([]);
  });

  test("is within what is added to a body, escaped or not", () => {
    for (const written of [longer, longer.map(escaped)]) {
      const json = `"${written.join(" ")}"`;
      const bound = Buffer.byteLength(json) + bytesByNormalizationIn(json);
      expect(bound).toBeGreaterThanOrEqual(normalized(longer.join(" ")));
    }
  });

  test("is exact for any number of them, escaped or not", () => {
    const many = "\ufdfa\u{1d160}".repeat(150_000);
    expect(bytesByNormalization(many)).toBe(
      Buffer.byteLength(many.normalize("NFKC")) - Buffer.byteLength(many),
    );
    const sign = "\ufdfa".repeat(250_000);
    const added = Buffer.byteLength(sign.normalize("NFKC")) - escaped(sign).length;
    expect(bytesByNormalizationIn(escaped(sign))).toBe(added);
  });

  test("is nothing for others", () => {
    expect(bytesByNormalizationIn('"Zürich, 東京, \\u6771 and \\n Москва 👍"')).toBe(0);
  });
});

describe("the input bound of a model whose tokenizer may normalize", () => {
  // A sign of Arabic, 18 characters in NFKC; and a note of Unicode's musical symbols, three in NFC.
  test.each(["\ufdfa", "\u{1d160}"])("covers it, by bytes and by counting: %s", async (character) => {
    const content = character.repeat(1_000);
    const model = testModel(null, "claude-sonnet-4-5");
    for (const written of [JSON.stringify(content), `"${escaped(content)}"`]) {
      const call = chat.parse(`{"model":"m","messages":[{"role":"user","content":${written}}]}`);
      const byBytes = inputTokenBound(call, model);
      expect(byBytes).toBeGreaterThanOrEqual(normalized(content));
      const counted = await countedInputBound(chat, call, model, byBytes);
      expect(counted).toBeGreaterThanOrEqual(normalized(content));
    }
  });

  test("is as before for OpenAI's, which does not", () => {
    const json = JSON.stringify({ model: "m", messages: [{ role: "user", content: "\ufdfa" }] });
    expect(inputTokenBound(chat.parse(json), testModel(null, "gpt-4o"))).toBeLessThan(json.length + 12);
  });
});

// Llama 2's and Mistral's tokenizers have no token of two line breaks.
test.each(["\n", "\t", "\u0001", "~"])(
  "an unknown tokenizer may make a token of each %j",
  async (character) => {
    expect(await countTokens([character.repeat(3_000)], "unknown")).toBeGreaterThanOrEqual(3_000);
  },
);
