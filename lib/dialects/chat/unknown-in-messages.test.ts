import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unsupportedFieldNames, unsupportedSetting } from "#lib/dialects/bounds/unsupported-fields";
import {
  fieldsInAnswers,
  jsonFields,
  jsonInAnswers,
  labelFields,
  mediaFields,
  partTypes,
} from "#lib/dialects/conversation/message-fields";
import { parseChat } from "./parse";
import { call, ORDINARY_MESSAGES, PNG, part, picture, said } from "./testing/ordinary-messages";

const parse = (...messages: unknown[]) => parseChat(JSON.stringify({ model: "m", messages }));
const unbounded = (...messages: unknown[]) => parse(...messages).media.unboundedParam;
test.each(ORDINARY_MESSAGES)("%s: ordinary messages are bounded", (_, ...messages) => {
  expect(unbounded(...messages)).toBeNull();
});

/** What known servers read beyond the texts and media of a body. */
const HIDDEN: readonly (readonly [string, string, object])[] = [
  ["vLLM's pictures in Python's form", ".content[0].image_pil", part({ type: "image_pil", image_pil: "x" })],
  ["vLLM's embeddings", ".content[0].image_embeds", part({ type: "image_embeds", image_embeds: "AAAA" })],
  ["SGLang's tools by name", ".content[0].type", part({ type: "tool_reference", name: "f" })],
  [
    "vLLM's tools of a message",
    ".tools[0].type",
    { role: "developer", content: "", tools: [{ type: "function" }] },
  ],
  ["SGLang's frames", ".content[0].image_url.fps", part(picture({ fps: 30 }))],
  ["SGLang's frames", ".content[0].image_url.max_frames", part(picture({ max_frames: 900 }))],
  ["SGLang's frames", ".content[0].max_frames", part({ ...picture(), max_frames: 900 })],
  ["Google's films", ".content[0].image_url.video_metadata", part(picture({ video_metadata: {} }))],
  [
    "a stored file in a citation",
    ".annotations[0].file",
    said({ annotations: [{ type: "file", file: { hash: "a" } }] }),
  ],
  [
    "another type in an answer",
    ".thinking_blocks[0].source.media_type.x",
    said({ thinking_blocks: [{ type: "image", source: { media_type: { x: 1 } } }] }),
  ],
  [
    "another field in a call",
    ".tool_calls[0].function.strict",
    said({ tool_calls: [call({ function: { name: "f", strict: true } })] }),
  ],
  [
    "Anthropic's citations",
    ".content[0].citations.enabled",
    part({ type: "document", source: { type: "text", data: "a" }, citations: { enabled: true } }),
  ],
  ["another case", ".Content", { role: "user", content: "", Content: "Hi" }],
  ["a number where a text belongs", ".reasoning", said({ reasoning: 5 })],
  ["an object where a label belongs", ".content[0].image_url.detail", part(picture({ detail: { max: 1 } }))],
  ["a type that is no text", ".type", { role: "user", content: "Hi", type: 5 }],
  ["a file on the server", ".content[0].video", part({ type: "video", video: "film.mp4" })],
  ["a provider's own file", ".content[0].image_url.url", part(picture({ url: "ms://file-1" }))],
  ["SGLang's films as pictures", ".content[0].image_url.url", part(picture({ url: "video:00" }))],
];

test.each(HIDDEN)("%s: nothing bounds %s", (_, param, message) => {
  expect(unbounded({ role: "user", content: "Hi" }, message)).toBe(`messages[1]${param}`);
});

describe("anything unknown anywhere in a message", () => {
  const known = new Set([
    ...fieldsInAnswers,
    ...jsonInAnswers,
    ...jsonFields,
    ...labelFields,
    ...mediaFields,
  ]);
  const isSetting = (name: string) =>
    unsupportedFieldNames.includes(name) || ["uuid", "content_hash", "file_id"].includes(name);
  const name = fc
    .oneof(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        "fps",
        "max_frames",
        "num_frames",
        "tools",
        "Text",
        "imageUrl",
        "constructor",
        "toString",
      ),
      fc.constantFrom(...known).map((field) => field.toUpperCase()),
    )
    .filter(
      (field) =>
        !known.has(field) && !isSetting(field) && unsupportedSetting(field.toLowerCase()) === undefined,
    );
  const value = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.string({ maxLength: 5 }),
    fc.array(fc.integer(), { maxLength: 2 }),
    fc.dictionary(fc.string({ maxLength: 5 }), fc.integer(), { maxKeys: 2 }),
  );

  /** Every object in a value where fields have a meaning. */
  function objectsIn(node: unknown): object[] {
    if (Array.isArray(node)) return node.flatMap(objectsIn);
    if (typeof node !== "object" || node === null) return [];
    const inner = Object.entries(node).flatMap(([field, child]) =>
      jsonFields.has(field) || jsonInAnswers.has(field) ? [] : objectsIn(child),
    );
    return [node, ...inner];
  }

  /** A name of a medium without one is rejected, and so is a mark for another cache. */
  function unboundedOrRejected(...messages: object[]): string | null {
    try {
      return unbounded(...messages);
    } catch (error) {
      return String(error);
    }
  }

  test("makes the input unbounded: a field", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ORDINARY_MESSAGES),
        name,
        value,
        fc.nat(),
        ([, ...ordinary], field, given, at) => {
          const messages = structuredClone(ordinary);
          const places = objectsIn(messages);
          Object.defineProperty(places[at % places.length], field, { value: given, enumerable: true });
          expect(unboundedOrRejected(...messages)).not.toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });

  test("makes the input unbounded: a part", () => {
    const type = fc.string({ minLength: 1, maxLength: 12 }).filter((given) => !partTypes.has(given));
    fc.assert(
      fc.property(type, fc.boolean(), (given, isNested) => {
        const unknown = { type: given, text: "Hi", image_url: { url: PNG } };
        const message = isNested ? part({ type: "tool_result", content: [unknown] }) : part(unknown);
        expect(unboundedOrRejected(message)).not.toBeNull();
      }),
    );
  });
});
