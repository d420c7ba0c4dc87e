import { describe, expect, test } from "vitest";
import { parseChat } from "./parse";
import { PNG, part, picture } from "./testing/ordinary-messages";

const parse = (...messages: unknown[]) => parseChat(JSON.stringify({ model: "m", messages }));
const unbounded = (...messages: unknown[]) => parse(...messages).media.unboundedParam;

describe("parts that are rejected", () => {
  test.each<[string, unknown]>([
    ["video_url", null],
    ["video_url", { url: null }],
    ["video_url", {}],
    ["audio_url", { url: "" }],
    ["image", ""],
    ["image", undefined],
    ["image_embeds", null],
    ["image_pil", null],
    ["file", { filename: "a.pdf" }],
    ["document", []],
  ])("%s without a medium (%j)", (type, medium) => {
    expect(() => parse(part({ type, [type]: medium }))).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        param: medium === undefined ? "messages[0].content[0]" : `messages[0].content[0].${type}`,
      }),
    );
  });

  test("a mark of what is to be cached in place of a medium", () => {
    const marked = { type: "image", prompt_cache_breakpoint: { mode: "explicit" } };
    expect(() => parse(part(marked))).toThrow(expect.objectContaining({ param: "messages[0].content[0]" }));
  });

  test.each<[string, string, object]>([
    ["a medium in vLLM's cache", "uuid", { type: "video_url", video_url: null, uuid: "a" }],
    ["a medium with a place in vLLM's cache", "uuid", { ...picture(), uuid: "a" }],
    ["a medium in SGLang's cache", "image_url.content_hash", picture({ content_hash: "a" })],
    ["more patches", "image_url.min_dynamic_patch", picture({ min_dynamic_patch: 40 })],
    ["more patches", "image_url.max_dynamic_patch", picture({ max_dynamic_patch: 40 })],
    ["more pixels", "max_pixels", { ...picture(), max_pixels: 1e9 }],
    ["more pixels, in another spelling", "image_url.minPixels", picture({ minPixels: 1e9 })],
    ["several pictures", "modalities", { ...picture(), modalities: "multi-images" }],
  ])("%s", (_, field, given) => {
    for (const message of [part(given), part({ type: "tool_result", content: [given] })]) {
      expect(() => parse(message)).toThrow(
        expect.objectContaining({
          code: "unsupported_parameter",
          param: expect.stringMatching(new RegExp(`content\\[0\\]\\.${field.replaceAll(".", "\\.")}$`)),
        }),
      );
    }
  });

  test.each<[string, unknown]>([
    ["a text", "fileid://file-fe-1"],
    ["a part", [{ type: "text", text: "Rules. fileid://file-fe-1" }]],
    [
      "two parts",
      [
        { type: "text", text: "file" },
        { type: "text", text: "id://file-fe-1" },
      ],
    ],
  ])("files stored at Alibaba that a system message names in %s", (_, content) => {
    expect(() => parse({ role: "system", content }, { role: "user", content: "Hi" })).toThrow(
      expect.objectContaining({ code: "unsupported_parameter", param: "messages[0].content" }),
    );
    expect(unbounded({ role: "user", content })).toBeNull();
  });

  test.each([
    '{"role":"user","content":"Hi","content":[]}',
    `{"role":"user","content":[{"type":"image_url","image_url":{"url":"${PNG}"},"type":"text","text":"Hi"}]}`,
    '{"role":"user","content":"Hi","metadata":{"a":{"b":1,"\\u0062":2}}}',
  ])("an object with a field that occurs twice: %.60s", (message) => {
    expect(() => parseChat(`{"model":"m","messages":[${message}]}`)).toThrow(
      expect.objectContaining({ code: "invalid_request", param: "messages" }),
    );
  });

  test("but not texts with colons and quotes", () => {
    expect(unbounded({ role: "user", content: '{"a":1,"a":2}: \\" : "' })).toBeNull();
  });
});
