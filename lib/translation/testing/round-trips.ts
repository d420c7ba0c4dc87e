import fc from "fast-check";
import { expect } from "vitest";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { EncodeOptions } from "#lib/translation/turn";
import { clientNamed, wireNamed } from "./translate";

export const OPTIONS = {
  upstreamModel: "claude-sonnet-4-5",
  stream: false,
  maxTokens: 4_000,
  defaultMaxTokens: 1,
  reasoningLimitTokens: null,
  outputLimitField: "max_tokens",
  streamUsage: true,
  accepts: () => true,
};

export const word = fc.stringMatching(/^[a-z]{1,12}$/);
/** Anthropic takes no white space at the end of what its model has said last. */
export const sentence = fc
  .string({ minLength: 1, maxLength: 40 })
  .map((text) => text.trim())
  .filter((text) => text !== "");
const args = fc.dictionary(word, fc.oneof(sentence, fc.integer(), fc.boolean()), { maxKeys: 3 });
export const schema = fc.record({
  type: fc.constant("object"),
  properties: fc.dictionary(word, fc.constant({ type: "string" })),
});

/** A conversation in which each turn of the model makes calls, and the user gives their results. */
export const steps = fc.array(
  fc.record({
    asked: sentence,
    said: sentence,
    calls: fc.array(fc.record({ args, result: sentence }), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);
/** Expects that requests come out of a wire as they went in by the dialect of the same name. */
export function expectSame(name: string, request: fc.Arbitrary<JsonObject>, options: EncodeOptions): void {
  fc.assert(
    fc.property(request, (body) => {
      const { dropped, refused, ...encoded } = wireNamed(name).encode(
        clientNamed(name).decode(body),
        options,
      );
      expect({ dropped, refused }).toEqual({ dropped: [], refused: [] });
      expect(JSON.parse(JSON.stringify(encoded.body))).toEqual(body);
    }),
  );
}
