import fc from "fast-check";
import { expect, test } from "vitest";
import { jpeg, mp3, pdf, png, wav } from "#lib/dialects/media/testing/media-files";
import { parseChat } from "./parse";
import { chatPrompt } from "./prompt";

/** `data:application/pdf;base64,` and the like belong to a medium, not to its data. */
const MOST_PREFIX_CHARACTERS = 60;
const FILES = [
  png(64, 64),
  jpeg(64, 64, 200),
  wav(0.01),
  mp3(1),
  pdf(1),
  "AAAA",
  "lorem ipsum",
  "x".repeat(99),
  "",
];
const PREFIXES = [
  "",
  "data:image/png;base64,",
  "DATA:audio/wav;BASE64,",
  "data:application/pdf;base64,",
  "data:,",
  "https://a.example/",
  "gs://b/",
];
const KEYS = [
  "type",
  "text",
  "url",
  "image_url",
  "input_audio",
  "data",
  "file",
  "file_data",
  "detail",
  "source",
  "media_type",
  "video_url",
  "anything",
  "audio",
  "id",
];
const TYPES = ["text", "image_url", "input_audio", "file", "image", "document", "video", "thinking", "new"];

const text = fc.tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...FILES)).map((parts) => parts.join(""));
const value = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    fc.dictionary(fc.constantFrom(...KEYS), tie("node"), { maxKeys: 4 }),
    fc.array(tie("node"), { maxLength: 3 }),
    fc.constantFrom(null, 1, true),
  ),
})).node;
const part = fc
  .tuple(fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 4 }), fc.constantFrom(...TYPES))
  .map(([fields, type]) => ({
    text: "Look",
    refusal: "",
    image_url: "https://a.example/b",
    input_audio: { data: "" },
    file: {},
    ...fields,
    type,
  }));

function charactersIn(node: unknown): { characters: number; strings: number } {
  if (typeof node === "string") return { characters: node.length, strings: 1 };
  const sum = { characters: 0, strings: 0 };
  if (typeof node !== "object" || node === null) return sum;
  for (const inner of Object.values(node)) {
    const { characters, strings } = charactersIn(inner);
    sum.characters += characters;
    sum.strings += strings;
  }
  return sum;
}

test("every character of a chat is weighed as text or as a medium", () => {
  let weighed = 0;
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (content) => {
      const messages = [{ role: "user", content }];
      const json = JSON.stringify({ model: "m", messages });
      let call: ReturnType<typeof parseChat>;
      try {
        call = parseChat(json);
      } catch {
        // A part that no provider accepts.
        return;
      }
      weighed += 1;
      const { characters, strings } = charactersIn(messages);
      const { dataCharacters, images } = call.media;
      expect(
        chatPrompt(call).characters + dataCharacters + strings * MOST_PREFIX_CHARACTERS,
      ).toBeGreaterThanOrEqual(characters);
      expect(dataCharacters).toBeLessThanOrEqual(characters);
      expect(images.length).toBeLessThanOrEqual(strings);
    }),
    { numRuns: 400 },
  );
  expect(weighed).toBeGreaterThan(100);
});
