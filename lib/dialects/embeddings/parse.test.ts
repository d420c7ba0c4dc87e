import { describe, expect, test } from "vitest";
import { ASKS_EVERYTHING } from "#lib/credit/prices/meters";
import { NO_EDITS } from "#lib/dialects/testing/edits";
import { rejectedFor } from "#lib/dialects/testing/rejected-for";
import { quickestMs } from "#lib/testing/promptness";
import { embeddings } from "./dialect";
import { parseEmbeddings } from "./parse";

const parse = (body: object) => parseEmbeddings(JSON.stringify({ model: "m", ...body }));

describe("the body of an embedding", () => {
  test.each<[string, unknown, { prompts: number; textTokens: number }]>([
    ["a text", "Hello world", { prompts: 1, textTokens: 2 }],
    ["texts", ["Hello world", "Hello"], { prompts: 2, textTokens: 3 }],
    ["tokens", [9906, 1917, 0], { prompts: 1, textTokens: 3 }],
    ["lists of tokens", [[9906], [1917, 5]], { prompts: 2, textTokens: 3 }],
  ])("has one prompt for each vector: %s", (_, input, expected) => {
    expect(parse({ input })).toMatchObject({ ...expected, answers: 0, stream: false });
  });

  test.each<[string, string, object]>([
    ["no input", "input", {}],
    ["null", "input", { input: null }],
    ["an empty list", "input", { input: [] }],
    ["an empty text", "input", { input: "" }],
    ["an empty text in a list", "input[1]", { input: ["a", ""] }],
    ["a number beside a text", "input[1]", { input: ["a", 1] }],
    ["a text beside a number", "input", { input: [1, "a"] }],
    ["a fraction", "input", { input: [1.5] }],
    ["a negative token", "input[0]", { input: [[-1]] }],
    ["an empty list of tokens", "input[1]", { input: [[1], []] }],
    ["an object, such as a picture", "input[0]", { input: [{ image: "https://a.example/x.png" }] }],
    ["a stream", "stream", { input: "a", stream: true }],
    ["no model", "model", { model: "", input: "a" }],
    ["a model that is no text", "model", { model: 5, input: "a" }],
  ])("is rejected for %s", (_, param, body) => {
    expect(() => parse(body)).toThrow(rejectedFor(param));
  });

  test("is rejected for an input that occurs twice, in any spelling", () => {
    for (const name of ["input", "Input", "\\u0069nput"]) {
      expect(() => parseEmbeddings(`{"model":"m","input":"a","${name}":"b"}`)).toThrow(
        expect.objectContaining({ status: 400 }),
      );
    }
  });

  test("is rejected for what is billed apart", () => {
    expect(() => parse({ input: "a", plugins: [{ id: "web" }] })).toThrow(
      expect.objectContaining({ code: "unsupported_parameter", param: "plugins" }),
    );
  });

  test.each(["messages", "documents", "extra_body"])("has no known size with %s", (name) => {
    const call = parse({ input: "a", [name]: [{ role: "user" }] });
    expect(call.media.unboundedParam).toBe(name);
    expect(call.asks).toEqual(ASKS_EVERYTHING);
  });

  test.each([
    "data:image/png;base64,AAAA",
    " DATA:image/png;base64,AAAA",
    "gs://bucket/film.mp4",
    "s3://bucket/film.mp4",
    "files/abc-123",
  ])("has no bound but the context window where a server may read a medium: %s", (text) => {
    expect(parse({ input: ["a", text] }).media.unboundedParam).toBe("input");
    expect(parse({ input: ["a", `What is ${text}?`] }).media.unboundedParam).toBeNull();
  });

  test.each(["https://a.example/film.mp4", "files/a.txt has the list", "See gs://bucket.", "files/"])(
    "is text: %s",
    (text) => {
      expect(parse({ input: text }).media.unboundedParam).toBeNull();
    },
  );

  test("travels as it came, but for the model's name", () => {
    const json = '{"input":["a" , "b"],  "model":"m","dimensions":1e2,"user":null,"input_type":"query"}';
    const edits = { ...NO_EDITS, upstreamModel: "n", outputLimitField: null, streamUsage: false };
    expect(embeddings.edit(parseEmbeddings(json), edits)).toBe(json.replace('"m"', '"n"'));
    expect(embeddings.edit(parseEmbeddings(json), { ...edits, upstreamModel: "m" })).toBe(json);
  });

  test("says how many tokens it gives as numbers, which some providers read as text", () => {
    expect(parse({ input: "Hello" }).givenTokens).toBe(0);
    expect(parse({ input: [[3597], [3597, 3597]] }).givenTokens).toBe(3);
  });

  test("of 200 000 tokens is read in a moment", async () => {
    const json = JSON.stringify({ model: "m", input: Array.from({ length: 200_000 }, () => 7) });
    expect(parseEmbeddings(json).textTokens).toBe(200_000);
    expect(await quickestMs(() => parseEmbeddings(json))).toBeLessThan(1_500);
  });
});
