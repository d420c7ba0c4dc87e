import { deflateRawSync } from "node:zlib";
import * as cl100k from "gpt-tokenizer/encoding/cl100k_base";
import * as o200k from "gpt-tokenizer/encoding/o200k_base";
import * as p50k from "gpt-tokenizer/encoding/p50k_base";
import { describe, expect, test } from "vitest";
import { deflated } from "./character-tokens.json";
import { BYTES_PER_TOKEN } from "./estimate-tokens";
import { CHARACTER_TOKENS, noRareCharacters } from "./rare-characters";
import { shownBytes } from "./shown-bytes";

const ENCODINGS = { o200k, cl100k, p50k };
type Encoding = keyof typeof ENCODINGS;
const NAMES: readonly Encoding[] = ["o200k", "cl100k", "p50k"];

/** What a text counts as that is shown as it is generated, in events of as many tokens, and how many tokens it is. */
function shown(text: string, encoding: Encoding, tokensPerEvent: number) {
  const { encode, decodeGenerator } = ENCODINGS[encoding];
  const tokens = encode(text);
  const pieces = [...decodeGenerator(tokens)];
  const rare = noRareCharacters();
  let events = 0;
  let bytes = 0;
  for (let at = 0; at < pieces.length; at += tokensPerEvent) {
    events += 1;
    bytes += shownBytes(pieces.slice(at, at + tokensPerEvent).join(""), rare);
  }
  return {
    tokens: tokens.length,
    plain: Math.max(events, bytes / BYTES_PER_TOKEN),
    rare: rare[encoding] / BYTES_PER_TOKEN,
    letters: rare.letters / BYTES_PER_TOKEN,
  };
}

const ofBlock = (from: number, size = 48) =>
  Array.from({ length: 600 }, (_, at) => String.fromCodePoint(from + ((at * 37) % size))).join("");
const RARE: [string, string][] = [
  ["rare Han", "嶕櫿蠱鞔鯫鷤".repeat(60)],
  ["Han of the second plane", ofBlock(0x20000)],
  ["rare Hangul", ofBlock(0xd000)],
  ["phonetic letters", ofBlock(0x250)],
  ["box drawing", ofBlock(0x2500)],
  ["Oriya", ofBlock(0xb05, 40)],
  ["Tamil", ofBlock(0xb85, 50)],
  ["Telugu", ofBlock(0xc05, 50)],
  ["Sinhala", ofBlock(0xd85, 50)],
  ["Burmese", ofBlock(0x1000, 60)],
  ["Tibetan", ofBlock(0xf00, 60)],
  ["Georgian", ofBlock(0x10d0, 32)],
  ["Armenian", ofBlock(0x531, 32)],
  ["Khmer", ofBlock(0x1780, 60)],
  ["emoji", ofBlock(0x1f300, 90)],
  ["playing cards", ofBlock(0x1f0a1, 14)],
  ["hieroglyphs", ofBlock(0x13000, 90)],
];
const ORDINARY: [string, string][] = [
  ["English", "The ferry came in at dawn, and no one was there to take its ropes."],
  ["French", "Le bac est arrivé à l'aube, et personne n'était là pour saisir ses amarres."],
  ["German", "Die Fähre kam im Morgengrauen an, und niemand war da, um ihre Leinen zu nehmen."],
  ["Vietnamese", "Chiếc phà cập bến lúc bình minh, và không có ai ở đó để đón dây."],
  ["Polish", "Prom przypłynął o świcie i nie było nikogo, kto by wziął jego cumy."],
  ["Russian", "Паром пришёл на рассвете, и никого не было, чтобы принять его канаты."],
  ["Greek", "Το πλοίο έφτασε την αυγή και κανείς δεν ήταν εκεί για να πάρει τα σχοινιά του."],
  ["Arabic", "وصلت العبارة عند الفجر، ولم يكن هناك أحد ليأخذ حبالها."],
  ["Chinese", "渡轮在黎明时分进港,码头上没有人来接缆绳。"],
  ["Japanese", "フェリーは夜明けに着いたが、綱を受け取る人は誰もいなかった。"],
  ["Korean", "새벽에 배가 들어왔지만 밧줄을 받아 줄 사람은 아무도 없었다."],
  ["Hindi", "नौका भोर में आई, और उसकी रस्सियाँ पकड़ने वाला कोई नहीं था।"],
  ["Thai", "เรือข้ามฟากมาถึงตอนรุ่งสาง และไม่มีใครอยู่รับเชือก"],
];

/** What is charged of a token. */
function charged(text: string, encoding: Encoding, tokensPerEvent = 1): number {
  const { tokens, plain, rare } = shown(text, encoding, tokensPerEvent);
  return (plain + rare) / tokens;
}

describe.each(NAMES)("a text that is shown as it is generated, in %s", (encoding) => {
  test.each(RARE)("counts all tokens of a rare script: %s", (_, text) => {
    expect(charged(text, encoding)).toBeGreaterThanOrEqual(1);
    expect(charged(text, encoding)).toBeLessThan(1.6);
  });

  test.each(ORDINARY)("counts no more than twice the tokens of an ordinary text: %s", (_, sentence) => {
    const text = `${sentence} `.repeat(10);
    expect(charged(text, encoding)).toBeGreaterThanOrEqual(1);
    expect(charged(text, encoding)).toBeLessThan(2);
  });

  test.each(RARE)("counts nearly all of them where an event is several tokens: %s", (name, text) => {
    // o200k has tokens of several Armenian letters, as of all common scripts.
    if (encoding === "o200k" && name === "Armenian") return;
    expect(charged(text, encoding, 3)).toBeGreaterThan(0.88);
  });
});

test("knows how many letters a text of several has beyond what it counts as", () => {
  const lettersOf = (text: string) => {
    const rare = noRareCharacters();
    return (shownBytes(text, rare) + rare.letters) / BYTES_PER_TOKEN;
  };
  expect(lettersOf("ЖЖЖЖ")).toBe(4);
  expect(lettersOf(" Å")).toBe(3 / BYTES_PER_TOKEN);
});

describe.each(NAMES)("a text in ASCII whose events are several tokens, in %s", (encoding) => {
  const mostOf = (text: string, tokensPerEvent: number) => {
    const { tokens, plain, letters } = shown(text, encoding, tokensPerEvent);
    return (plain + letters) / tokens;
  };
  const random = (signs: string) =>
    Array.from({ length: 900 }, (_, at) => signs[(at * at * 7 + at * 31) % signs.length]).join("");
  const TEXTS: [string, string][] = [
    ["prose", "The ferry came in at dawn, and no one was there to take its ropes. ".repeat(10)],
    [
      "code",
      "export const total = (rows) => rows.reduce((sum, { costUsd }) => sum + costUsd, 0);\n".repeat(10),
    ],
    ["JSON", '{"id": 4821, "name": "Ferry", "tags": ["dawn", "rope"], "isOpen": true}\n'.repeat(10)],
    ["indented lines", "        if (isOpen) {\n            close();\n        }\n".repeat(15)],
    ["a table", "| ferry | 12:30 | 48.00 |\n| ----- | ----- | ----- |\n".repeat(15)],
    ["words that no vocabulary has", "xqzjkw vbnqrt pltkzx wqjmrf zkxvbn ".repeat(20)],
    ["single letters", "x q z j k w v b n q ".repeat(20)],
  ];

  /** A short piece of them is like a word, which is one token. */
  const ENCODED: [string, string][] = [
    ["hexadecimal digits", random("0123456789abcdef")],
    ["letters of base64", random("AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/")],
  ];
  const CASES = [
    ...TEXTS.flatMap(([name, text]) => [3, 8, 40].map((events) => [name, events, text] as const)),
    ...ENCODED.map(([name, text]) => [name, 40, text] as const),
  ];

  test.each(CASES)("can be within 0.5 and 2 times its tokens: %s, %i an event", (_, tokensPerEvent, text) => {
    expect(mostOf(text, tokensPerEvent)).toBeGreaterThan(0.5);
    expect(mostOf(text, tokensPerEvent)).toBeLessThan(2);
  });
});

test("a token of ASCII is one, however long", () => {
  for (const token of [" unbelievable", "\n\n", " {", "            ", "constructor"]) {
    const rare = noRareCharacters();
    shownBytes(token, rare);
    expect(rare).toEqual(noRareCharacters());
  }
});

test("counts a long text like its beginning", () => {
  const counted = (length: number) => {
    const rare = noRareCharacters();
    shownBytes("\u{0b05}".repeat(length), rare);
    return rare.cl100k / length;
  };
  expect(counted(200_000)).toBeCloseTo(counted(1_000), 1);
});

/** Two planes of characters, where nearly all are that a model has tokens for. */
const CHARACTERS = 0x20000;
const FIRST_BEYOND_ASCII = 0x80;

function entryOf(code: number): number {
  const character = String.fromCodePoint(code);
  const tokensIn = (encoding: Encoding) => ENCODINGS[encoding].countTokens(character);
  return (tokensIn("o200k") - 1) | ((tokensIn("cl100k") - 1) << 2) | (tokensIn("p50k") === 1 ? 1 << 4 : 0);
}

function packed(): string {
  const entries = Uint8Array.from({ length: CHARACTERS }, (_, code) =>
    code < FIRST_BEYOND_ASCII ? 0 : entryOf(code),
  );
  return deflateRawSync(entries, { level: 9 }).toString("base64");
}

/** All take five seconds. */
const SAMPLED_EACH = 11;

/** `-u` makes the file anew. */
test("the table of characters has the tokens of the vocabularies", async () => {
  let isSame = CHARACTER_TOKENS.length === CHARACTERS;
  for (let code = FIRST_BEYOND_ASCII; code < CHARACTERS; code += SAMPLED_EACH)
    isSame &&= CHARACTER_TOKENS[code] === entryOf(code);
  const table = isSame ? deflated : packed();
  await expect(`${JSON.stringify({ deflated: table }, null, 2)}\n`).toMatchFileSnapshot(
    "character-tokens.json",
  );
});
