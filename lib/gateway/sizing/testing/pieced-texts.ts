import fc from "fast-check";

/** Words and marks that the tokenizers treat in different ways. */
const WORDS = [
  "word",
  "Word",
  "aB",
  "ABc",
  "it's",
  "'lL",
  "'S",
  "DON'T",
  "é",
  "ñ",
  "中文",
  "²",
  "٣",
  "١٢",
  "🙂",
];

/** Texts of such words, numbers and other pieces, in any order. */
export const piecedTexts = (pieces: fc.Arbitrary<string>, maxPieces: number): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.constantFrom(...WORDS), fc.nat(10_000_000).map(String), pieces), {
      maxLength: maxPieces,
    })
    .map((parts) => parts.join(""));
