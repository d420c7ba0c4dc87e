import { describe, expect, test } from "vitest";
import { editResponses } from "./edit";
import { parseResponses } from "./parse";

const EDITS = {
  upstreamModel: "m",
  outputLimitTokens: null,
  outputLimitField: "max_output_tokens",
  reasoningLimitTokens: null,
  streamUsage: false,
  searchLimit: null,
  encryptedReasoning: true,
};
/** What is sent for a body that is JSON, parsed. */
const sentFor = (json: string, outputLimitTokens: number) => JSON.parse(edit(json, { outputLimitTokens }));
const edit = (json: string, edits: Partial<typeof EDITS> | { outputLimitTokens: number } = {}) =>
  editResponses(parseResponses(json), { ...EDITS, ...edits });

describe("the body that goes upstream", () => {
  test("is the client's own if it keeps nothing there, byte for byte but for the model", () => {
    const json =
      '{ "model":"m" ,"store": false,"input":[ {"role":"user","content":"\\u00e9 \\/"} ],"metadata":{"n":12345678901234567890} }';
    expect(edit(json)).toBe(json);
    expect(edit(json, { upstreamModel: "n" })).toBe(json.replace('"m"', '"n"'));
  });

  test.each(["", ',"store":null'])(
    "keeps nothing at the provider unasked, and returns reasoning encrypted: %s",
    (store) => {
      const sent = JSON.parse(edit(`{"model":"m","input":"a"${store}}`));
      expect(sent).toEqual({
        model: "m",
        input: "a",
        store: false,
        include: ["reasoning.encrypted_content"],
      });
    },
  );

  test("adds to what a client includes", () => {
    const sent = JSON.parse(edit('{"model":"m","input":"a","include":["message.output_text.logprobs"]}'));
    expect(sent.include).toEqual(["message.output_text.logprobs", "reasoning.encrypted_content"]);
    const asked = '{"model":"m","input":"a","include":["reasoning.encrypted_content"],"store":false}';
    expect(edit(asked)).toBe(asked);
  });

  test.each(["max_output_tokens", "max_tokens"])(
    "has the bound that is held under the only name that the API reads, and not as %s",
    (name) => {
      const json = `{"model":"m","input":"a","store":false,"${name}":900}`;
      expect(sentFor(json, 50)).toEqual({ model: "m", input: "a", store: false, max_output_tokens: 50 });
    },
  );
});
