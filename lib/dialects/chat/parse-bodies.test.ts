import { describe, expect, test } from "vitest";
import { quickestMs } from "#lib/testing/promptness";
import { parseChat } from "./parse";
import { parse, rejectionOf, user, withMessages } from "./testing/parse";

describe("a body that is not a conversation", () => {
  test.each(["", "{", "[]", "null", '"text"', "42", "\u{feff}{}", '{"model":"m"} {}', "NaN"])(
    "%j",
    (json) => {
      expect(rejectionOf(() => parseChat(json))).toMatchObject({ code: "invalid_request", param: null });
    },
  );

  test("has a field twice, or hides one in a prototype", () => {
    const twice =
      '{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":1,"max_t\\u006fkens":9}';
    expect(rejectionOf(() => parseChat(twice)).param).toBe("max_tokens");
    const hidden = '{"__proto__":{"model":"m","messages":[{"role":"user","content":"x"}]}}';
    expect(rejectionOf(() => parseChat(hidden)).param).toBe("model");
    const harmless = '{"model":"m","__proto__":{"stream":true},"messages":[{"role":"user","content":"x"}]}';
    expect(parseChat(harmless).stream).toBe(false);
  });

  test.each([
    ["tools", '[{"type":"web_search","type":"function","function":{"name":"f"}}]'],
    ["functions", '[{"name":"f","name":"g"}]'],
    ["tool_choice", '{"type":"web_search","type":"function","function":{"name":"f"}}'],
    ["response_format", '{"type":"json_schema","type":"text"}'],
  ])("has a field twice within its %s", (name, value) => {
    const body = `{"model":"m","messages":[{"role":"user","content":"x"}],"${name}":${value}}`;
    expect(rejectionOf(() => parseChat(body))).toMatchObject({ code: "invalid_request", param: name });
  });

  test.each(["Model", "MAX_TOKENS", "N", "me\u017f\u017fages", "Store", "Web_Search_Options"])(
    "has a field that some providers take for another: %s",
    (name) => {
      const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }], [name]: "x" });
      expect(() => parseChat(body)).toThrow(
        expect.objectContaining({ code: "invalid_request", param: name }),
      );
    },
  );

  test.each([
    '{"include_usage": false, "include_usage": true}',
    '{"Include_Usage": false, "include_usage": true}',
  ])("is ambiguous about a stream's usage: %s", (options) => {
    const body = `{"model":"m","stream":true,"stream_options":${options},"messages":[{"role":"user","content":"x"}]}`;
    expect(() => parseChat(body)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });

  test("may have fields that Tollgate does not know, however they are written", () => {
    const body = JSON.stringify({
      model: "m",
      messages: [{ role: "user", content: "x" }],
      Metadata2: 1,
      topK: 2,
    });
    expect(parseChat(body).model).toBe("m");
  });

  test("names a field of a megabyte, and gets a short answer", () => {
    const name = "x".repeat(1_000_000);
    const rejection = rejectionOf(() => parseChat(`{"${name}":1,"${name}":2}`));
    expect(rejection.message.length).toBeLessThan(200);
    expect(rejectionOf(() => parse({ logit_bias: { [name]: "x" } })).message.length).toBeLessThan(200);
  });
});

describe("rejects a costly body before parsing it", () => {
  const message = '{"role":"user","content":"x"}';
  const bodyOf = (value: string) => `{"model":"m","messages":[${message}],"x":${value}}`;
  test.each<[string, () => string]>([
    ["a million messages", () => `{"model":"m","messages":[${`${message},`.repeat(999_999)}${message}]}`],
    ["eleven million empty objects", () => bodyOf(`[${"{},".repeat(11_000_000)}{}]`)],
    ["sixteen million brackets", () => bodyOf("[".repeat(16_000_000))],
    ["brackets that close", () => bodyOf("[".repeat(100_000) + "]".repeat(100_000))],
    ["objects in objects", () => bodyOf(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`)],
    ["a million fields", () => `{${Array.from({ length: 1e6 }, (_, n) => `"f${n}":1`).join(",")}}`],
  ])("%s", async (_, make) => {
    const json = make();
    const rejection = rejectionOf(() => parseChat(json));
    // To parse it takes seconds each time.
    expect(await quickestMs(() => rejectionOf(() => parseChat(json)))).toBeLessThan(150);
    expect([rejection.status, rejection.code]).toEqual([400, "invalid_request"]);
    expect(rejection.message).toMatch(/deeper than 200 levels|more than 250000 values/);
  });

  test("accepts one that is only large", () => {
    const text = '["{", "}", "\\"" ]'.repeat(500_000);
    expect(parse({ x: text, messages: [{ role: "user", content: text }] }).model).toBe("m");
    const long = Array.from({ length: 20_000 }, () => user);
    expect(withMessages(...long).messageCount).toBe(20_000);
  });
});
