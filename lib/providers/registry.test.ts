import { describe, expect, test } from "vitest";
import { z } from "zod";
import { effectiveBaseUrl, findProviderType, PROVIDER_TYPE_NAMES } from "./registry";
import { testTarget } from "./testing/target";
import { wireFor } from "./wire";

describe.each(PROVIDER_TYPE_NAMES)("the provider type %s", (name) => {
  const type = findProviderType(name);

  test("rejects unknown settings and credentials", () => {
    expect(type?.settings.safeParse({ surprise: 1 })).toMatchObject({ success: false });
    expect(type?.credentials?.safeParse({ surprise: 1 }).success ?? false).toBe(false);
  });

  test("describes its settings and credentials as JSON Schema", () => {
    for (const schema of [type?.settings, type?.credentials ?? undefined]) {
      if (schema === undefined) continue;
      const document = z.toJSONSchema(schema, { io: "input" });
      for (const form of document.anyOf ?? [document]) expect(form).toMatchObject({ type: "object" });
    }
  });
});

const withoutSettings = PROVIDER_TYPE_NAMES.filter(
  (name) => findProviderType(name)?.settings.safeParse({}).success,
);

test.each(withoutSettings)("%s has one wire per dialect", (type) => {
  const dialects = testTarget({ type }).wires.map(({ dialect }) => dialect);
  expect(dialects).not.toEqual([]);
  expect(new Set(dialects).size).toBe(dialects.length);
});

test("a name that is not in the table is no provider type", () => {
  for (const name of ["telegraph", "", "toString", "__proto__"]) {
    expect(findProviderType(name)).toBeUndefined();
  }
});

const urlOf = (type: string, baseUrl: string | null) => effectiveBaseUrl({ type, baseUrl, settings: {} });

test("a provider's own base URL takes precedence over its type's", () => {
  expect(urlOf("openai", null)).toBe("https://api.openai.com/v1");
  expect(urlOf("openai", "https://proxy.example/v1/")).toBe("https://proxy.example/v1");
  expect(urlOf("simulated", null)).toBe("");
});

test.each([
  [null, "https://api.anthropic.com/v1"],
  ["https://api.anthropic.com", "https://api.anthropic.com/v1"],
  ["https://api.anthropic.com/v1/", "https://api.anthropic.com/v1"],
  ["https://proxy.example/anthropic", "https://proxy.example/anthropic/v1"],
  ["https://proxy.example/v2beta", "https://proxy.example/v2beta"],
])("a base URL of Anthropic's may leave out the version: %s", (baseUrl, url) => {
  expect(urlOf("anthropic", baseUrl)).toBe(url);
});

test.each([
  ["https://acme.openai.azure.com", "https://acme.openai.azure.com/openai/v1"],
  ["https://acme.openai.azure.com/openai", "https://acme.openai.azure.com/openai/v1"],
  ["https://acme.openai.azure.com/openai/v1/", "https://acme.openai.azure.com/openai/v1"],
  ["https://acme.services.ai.azure.com/", "https://acme.services.ai.azure.com/openai/v1"],
  ["https://proxy.example/azure", "https://proxy.example/azure/openai/v1"],
])("a base URL of Azure's may leave out the version: %s", (baseUrl, url) => {
  expect(urlOf("azure-openai", baseUrl)).toBe(url);
});

test("Anthropic is given the key in its own header, and a version with each request", () => {
  const target = testTarget({ type: "anthropic", apiKey: "sk-ant-1" });
  expect(target.authHeaders).toEqual(["x-api-key", "sk-ant-1"]);
  const { passHeaders } = wireFor(target, "messages");
  expect(passHeaders?.(new Map(), { hasTiers: false }).headers).toEqual(["anthropic-version", "2023-06-01"]);
});

test("the output bound is named as the provider reads it", () => {
  const fieldOf = (type: string) => wireFor(testTarget({ type }), "chat").outputLimitField;
  expect(fieldOf("openai")).toBe("max_completion_tokens");
  expect(fieldOf("openai-compatible")).toBe("max_tokens");
  const settings = { output_limit_field: "num_predict" };
  expect(wireFor(testTarget({ settings }), "chat").outputLimitField).toBe("num_predict");
});

test.each(["", "max tokens", "1st", "a.b", 'x":1,"y', "x".repeat(65), 5, null])(
  "%j is no name for the output bound",
  (name) => {
    const settings = findProviderType("openai-compatible")?.settings;
    expect(settings?.safeParse({ output_limit_field: name }).success).toBe(false);
  },
);

describe("an OpenAI-compatible provider", () => {
  const dialectsOf = (settings: Record<string, unknown>) =>
    testTarget({ settings }).wires.map(({ dialect, path }) => [
      dialect,
      path({ upstreamModel: "m", stream: false }),
    ]);

  test("serves chat, completions and embeddings unless its settings say otherwise", () => {
    const byDefault = [
      ["chat", "chat/completions"],
      ["completions", "completions"],
      ["embeddings", "embeddings"],
    ];
    expect(dialectsOf({})).toEqual(byDefault);
    expect(dialectsOf({ dialects: ["messages", "responses", "messages"] })).toEqual([
      ["responses", "responses"],
      ["messages", "messages"],
      ["count_tokens", "messages/count_tokens"],
    ]);
  });

  test("takes messages with a bearer token, the version, and no betas but those about the answer's form", () => {
    const target = testTarget({ settings: { dialects: ["messages"], extra_fields: ["a.b"] }, apiKey: "key" });
    expect(target.authHeaders).toEqual(["authorization", "Bearer key"]);
    const { passHeaders, outputLimitField, extraFields } = wireFor(target, "messages");
    expect([outputLimitField, extraFields]).toEqual(["max_tokens", ["a.b"]]);
    const client = new Map([["anthropic-beta", "interleaved-thinking-2025-05-14, context-1m-2025-08-07"]]);
    expect(passHeaders?.(client, { hasTiers: true })).toEqual({
      headers: ["anthropic-version", "2023-06-01", "anthropic-beta", "interleaved-thinking-2025-05-14"],
      dropped: ["anthropic-beta:context-1m-2025-08-07"],
    });
  });

  test("names the bound of a legacy completion as the legacy API does", () => {
    const fieldOf = (output_limit_field: string) =>
      wireFor(testTarget({ settings: { output_limit_field } }), "completions").outputLimitField;
    expect(fieldOf("max_completion_tokens")).toBe("max_tokens");
    expect(fieldOf("num_predict")).toBe("num_predict");
  });

  test.each([[[]], [["gemini"]], ["chat"], [null]])("takes no other dialects: %j", (dialects) => {
    const settings = findProviderType("openai-compatible")?.settings;
    expect(settings?.safeParse({ dialects }).success).toBe(false);
  });
});

test("a dialect that a target does not speak has no wire", () => {
  expect(() => wireFor(testTarget(), "smoke signals")).toThrow("does not speak smoke signals");
});
