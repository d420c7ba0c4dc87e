import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { countTokens, decode, encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { BYTES_PER_TOKEN } from "./estimate-tokens";
import { shownBytes, shownBytesAsWritten } from "./shown-bytes";

const PROSE = "The ferry came in at dawn, and no one was there to take its ropes. ".repeat(30);
const TEXTS: [string, string][] = [
  ["runes", "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ᛫ᚠᛁᚱᚪ ".repeat(20)],
  ["Cherokee", "ᏂᎦᏓ ᎠᏂᏴᏫ ᏂᎨᎫᏓᎸᎾ ᎠᎴ ᎤᏂᎶᏱᎭ ".repeat(20)],
  ["hieroglyphs", "𓀀𓀁𓀂𓁐𓂋𓃭".repeat(40)],
  ["single digits", "7 3 9 1 ".repeat(80)],
  ["Chinese", "渡轮在黎明时分进港,码头上没有人来接缆绳。".repeat(20)],
  ["Russian", "Когда паром вошёл в гавань, было тихо. ".repeat(20)],
  ["prose", PROSE],
];
/** As JSON.stringify writes a text, and as Python does by default. */
const written = (text: string) => Buffer.from(JSON.stringify(text).slice(1, -1)).toString("latin1");
const escaped = (text: string) =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

describe.each(TEXTS)("a text in pieces: %s", (_, text) => {
  const count = countTokens(text);
  const pieces = text.match(/.{1,12}/gsu) ?? [];

  test.each([
    ["as it is", shownBytes],
    ["as it is written", (piece: string) => shownBytesAsWritten(written(piece))],
    ["escaped", (piece: string) => shownBytesAsWritten(escaped(piece))],
  ])("counts within 0.5 and 2 times its tokens, %s", (_form, measure) => {
    const bytes = pieces.reduce((sum, piece) => sum + measure(piece), 0);
    expect(bytes / BYTES_PER_TOKEN / count).toBeGreaterThan(0.5);
    expect(bytes / BYTES_PER_TOKEN / count).toBeLessThan(2);
  });
});

test("prose counts as its bytes", () => {
  expect(shownBytes(PROSE)).toBe(PROSE.length);
  expect(shownBytesAsWritten(PROSE)).toBe(PROSE.length);
});

test("what is no JSON counts, too", () => {
  expect(shownBytesAsWritten("\\u00")).toBeGreaterThanOrEqual(4);
});

/** 2 KiB that look random. */
const BYTES = Buffer.concat(
  Array.from({ length: 64 }, (_, at) => createHash("sha256").update(String(at)).digest()),
);

describe.each([
  ["Base64", BYTES.toString("base64")],
  ["Base64 for URLs", BYTES.toString("base64url")],
  ["hexadecimal", BYTES.toString("hex")],
])("bytes in %s, a few characters at a time", (_, text) => {
  const tokens = encode(text);

  test.each([2, 3, 4, 5, 6, 8, 12])("count within 0.5 and 2 times their tokens: %i", (characters) => {
    const pieces = text.match(new RegExp(`.{1,${characters}}`, "g")) ?? [];
    const bytes = pieces.reduce((sum, piece) => sum + shownBytes(piece), 0);
    const shown = Math.max(pieces.length, bytes / BYTES_PER_TOKEN) / tokens.length;
    expect(shown).toBeGreaterThan(0.6);
    expect(shown).toBeLessThan(1.5);
  });
});

test("code that comes token by token is a token for each event", () => {
  const tokens = encode(readFileSync(new URL("shown-bytes.ts", import.meta.url), "utf8"));
  const bytes = tokens.reduce((sum, token) => sum + Math.max(4, shownBytes(decode([token]))), 0);
  expect(bytes / BYTES_PER_TOKEN / tokens.length).toBeLessThan(1.5);
});
