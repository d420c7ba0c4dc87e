import { describe, expect, test } from "vitest";
import { anthropicHeaders } from "./anthropic";
import { NO_CLIENT_HEADERS } from "./client-headers";
import { codexHeaders, openAiHeaders } from "./openai";

const sourceOf = (headers: Record<string, string>) => ({
  header: (name: string) => headers[name] ?? null,
  headerNames: () => Object.keys(headers),
});

describe("a client's headers", () => {
  test("are those that say how a provider answers, and no others", () => {
    const source = sourceOf({
      authorization: "Bearer tg_live_x",
      cookie: "a=b",
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "effort-2025-11-24, skills-2025-10-02",
      "anthropic-dangerous-direct-browser-access": "true",
      "openai-beta": "responses=v1",
      "openai-organization": "org-1",
      "x-openai-internal-codex-responses-lite": "true",
      "x-codex-window-id": "1",
    });
    expect(Object.fromEntries(anthropicHeaders(source))).toEqual({
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "effort-2025-11-24, skills-2025-10-02",
    });
    expect(Object.fromEntries(openAiHeaders(source))).toEqual({ "openai-beta": "responses=v1" });
    expect(Object.fromEntries(codexHeaders(source))).toEqual({
      "openai-beta": "responses=v1",
      "x-openai-internal-codex-responses-lite": "true",
    });
  });

  test("are none for a client that sends none", () => {
    for (const read of [anthropicHeaders, openAiHeaders, codexHeaders])
      expect(read(sourceOf({}))).toBe(NO_CLIENT_HEADERS);
  });

  const manyOfCodex = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [`x-openai-internal-codex-${at}`, "x".repeat(1_000)]),
  );
  test.each([
    ["anthropic-version", { "anthropic-version": "latest" }, anthropicHeaders],
    ["anthropic-version", { "anthropic-version": "2023-06-01\r\nx: y" }, anthropicHeaders],
    ["anthropic-beta", { "anthropic-beta": "b".repeat(5_000) }, anthropicHeaders],
    ["anthropic-beta", { "anthropic-beta": "a,".repeat(51) }, anthropicHeaders],
    ["anthropic-beta", { "anthropic-beta": "two words" }, anthropicHeaders],
    ["anthropic-beta", { "anthropic-beta": "bé" }, anthropicHeaders],
    ["openai-beta", { "openai-beta": "b".repeat(5_000) }, openAiHeaders],
    ["x-openai-internal-codex-3", manyOfCodex, codexHeaders],
  ])("are rejected if they are malformed or too long: %s", (param, headers, read) => {
    expect(() => read(sourceOf(headers))).toThrow(
      expect.objectContaining({ code: "invalid_request", param }),
    );
  });
});
