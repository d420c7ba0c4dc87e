type Case = [name: string, text: string, bytes: number | null];

/** Texts of a delta as JSON, and the bytes that they count as (lib/dialects/text/shown-bytes.ts); null: the event must be parsed. */
const TEXTS: Case[] = [
  ["nothing", '""', 0],
  ["letters", '"four"', 4],
  ["other alphabets", '"é漢😀"', 15],
  ["other alphabets, escaped", '"\\u00e9\\u6f22\\ud83d\\ude00"', 15],
  ["half of a character", '"\\ud83d"', 8],
  ["arguments", '"{\\"a\\":"', 16],
  ["escapes and other alphabets", '"\\n漢"', null],
  ["half an escape", '"\\u00"', null],
  ["a character that JSON forbids", '"\n"', null],
  ["more after its end", '"a"x', null],
  ["no text", "1", null],
  ["64 KB and more", `"${"a".repeat(64 * 1024)}"`, null],
];

/** Payloads with them, made by `eventOf`. */
export const deltasOf = (eventOf: (text: string) => string): Case[] =>
  TEXTS.map(([name, text, bytes]) => [`with ${name}`, eventOf(text), bytes]);
