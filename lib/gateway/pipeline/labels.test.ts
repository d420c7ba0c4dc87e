import { describe, expect, test } from "vitest";
import { allTags, requestTags, sessionId } from "./labels";

const sent = (headers: Record<string, string>) => ({ header: (name: string) => headers[name] ?? null });
const tagged = (value: string) => sent({ "x-tollgate-tags": Buffer.from(value).toString("latin1") });

describe("a request's tags", () => {
  test.each<[string, string[]]>([
    ["night", ["night"]],
    [" night , batch,,night ", ["night", "batch"]],
    ["Zürich,東京", ["Zürich", "東京"]],
    [Array.from({ length: 10 }, (_, i) => `t${i}`).join(), Array.from({ length: 10 }, (_, i) => `t${i}`)],
    ["x".repeat(100), ["x".repeat(100)]],
    ["", []],
  ])("%s", (value, tags) => {
    expect(requestTags(tagged(value))).toEqual(tags);
  });

  test("are none without the header", () => {
    expect(requestTags(sent({}))).toEqual([]);
  });

  test("come after the key's, each once", () => {
    expect(allTags(["team", "night"], tagged("night,batch"))).toEqual(["team", "night", "batch"]);
  });

  test.each([
    ["an eleventh", Array.from({ length: 11 }, (_, i) => `t${i}`).join(), "has 11 tags: send at most 10"],
    ["a tab within one", "a\tb", "has a tag with control characters"],
    ["a control character of Unicode", "a\u0085b", "has a tag with control characters"],
    ["one of 101 characters", "x".repeat(101), "has a tag above 100 characters"],
  ])("are rejected for %s", (_, value, words) => {
    const rejection = { status: 400, code: "invalid_request", param: "x-tollgate-tags" };
    expect(() => requestTags(tagged(value))).toThrow(expect.objectContaining(rejection));
    expect(() => requestTags(tagged(value))).toThrow(words);
  });

  test("are rejected if they are not UTF-8", () => {
    expect(() => requestTags(sent({ "x-tollgate-tags": "caf\xe9" }))).toThrow("is not UTF-8");
  });
});

describe("a request's session", () => {
  test("is ours, else Claude Code's, else Codex's", () => {
    const codex = { "session-id": "c" };
    const claude = { ...codex, "x-claude-code-session-id": "b" };
    expect(sessionId(sent(codex))).toBe("c");
    expect(sessionId(sent(claude))).toBe("b");
    expect(sessionId(sent({ ...claude, "x-tollgate-session-id": "a" }))).toBe("a");
    expect(sessionId(sent({}))).toBeNull();
  });

  test.each(["", "with a space", "x".repeat(129), "caf\xe9"])("is ignored if it is malformed: %j", (id) => {
    expect(sessionId(sent({ "x-tollgate-session-id": id }))).toBeNull();
    expect(sessionId(sent({ "x-tollgate-session-id": id, "session-id": "c" }))).toBe("c");
  });
});
