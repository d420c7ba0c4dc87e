import { describe, expect, test } from "vitest";
import { citedTokens } from "./citations";
import { parse, withBlocks } from "./testing/parse";

const text = (words: string) => ({ type: "text", text: words });
const found = (fields: object = {}) => ({
  type: "search_result",
  source: "https://wiki.example.com/ferries",
  title: "Ferries",
  content: [text("The ferry leaves at dawn. It returns at noon.")],
  ...fields,
});
const cited = { citations: { enabled: true } };
const document = (source: object, fields: object = cited) => ({ type: "document", source, ...fields });
const inResult = (block: object) => ({ type: "tool_result", tool_use_id: "toolu_1", content: [block] });
const tokensOf = (...content: object[]) => citedTokens([{ role: "user", content }]);

describe("what a client's own search has found", () => {
  test.each<[string, object]>([
    ["in a message", found()],
    ["in a result", inResult(found())],
    ["that is cited", found(cited)],
    ["that is cited in a result", inResult(found(cited))],
    ["that is cached", found({ cache_control: { type: "ephemeral" } })],
    ["whose source looks like data", found({ source: "A".repeat(100) })],
    ["whose source is no URL", found({ source: "handbook, chapter 2" })],
  ])("is read as the text that it is: %s", (_, block) => {
    const { media } = withBlocks(block);
    expect(media).toMatchObject({ unboundedParam: null, fileParam: null, dataCharacters: 0 });
  });

  test("weighs its source, its title and its content", () => {
    const words = "The ferry leaves at dawn. ".repeat(100);
    const weightOf = (fields: object) => withBlocks(found(fields)).textTokens;
    const least = weightOf({});
    for (const fields of [{ source: words }, { title: words }, { content: [text(words)] }])
      expect(weightOf(fields)).toBeGreaterThan(least + 400);
  });

  test.each<[string, object, string]>([
    [
      "has a source that is no text",
      found({ source: { type: "url", url: "https://a.example/b.pdf" } }),
      "source.url",
    ],
    ["has a field that is not known", found({ score: 5 }), "score"],
    [
      "has another kind of citations",
      found({ citations: { enabled: true, mode: "all" } }),
      "citations.enabled",
    ],
  ])("has no bound if it %s", (_, block, at) => {
    expect(withBlocks(block).media.unboundedParam).toBe(`messages[0].content[0].${at}`);
  });
});

describe("a document that is cited", () => {
  test.each<[string, object]>([
    ["a text", { type: "text", media_type: "text/plain", data: "One. Two." }],
    ["blocks", { type: "content", content: [text("One."), text("Two.")] }],
  ])("is bounded by the parts that can be cited: %s", (_, source) => {
    expect(withBlocks(document(source)).media.unboundedParam).toBeNull();
  });

  test("has no bound if its parts are not in the body", () => {
    const pdf = { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQK" };
    expect(withBlocks(document(pdf)).media.unboundedParam).not.toBeNull();
    expect(withBlocks({ ...text("a"), ...cited }).media.unboundedParam).toBe(
      "messages[0].content[0].citations.enabled",
    );
  });
});

describe("what citations add", () => {
  const onePart = tokensOf(found(cited));

  test("is nothing unless they are enabled", () => {
    expect(tokensOf(found(), document({ type: "text", data: "One. Two." }, {}))).toBe(0);
    expect(tokensOf(found({ citations: { enabled: false } }))).toBe(0);
  });

  test.each<[string, object]>([
    ["a block of a search result", found({ ...cited, content: Array(101).fill(text("a")) })],
    ["a block of a document", document({ type: "content", content: Array(101).fill(text("a")) })],
    ["a sentence of a text", document({ type: "text", data: "a. ".repeat(100) })],
    ["a line of a text", document({ type: "text", data: "a\n".repeat(100) })],
    ["a sentence in Chinese", document({ type: "text", data: "好。".repeat(100) })],
  ])("grows with each part: %s", (_, block) => {
    expect(tokensOf(block)).toBe(onePart + 100 * 24);
    expect(tokensOf(inResult(block))).toBe(onePart + 100 * 24);
  });

  test("is held and charged besides the text", () => {
    const growthOf = (block: object) => parse({ messages: [{ role: "user", content: [block] }] }).growth;
    const added = growthOf(found(cited)).schemaTokens - growthOf(found()).schemaTokens;
    expect(added).toBe(onePart);
    expect(growthOf(found(cited)).schemaBytes - growthOf(found()).schemaBytes).toBeGreaterThanOrEqual(
      onePart,
    );
  });
});
