import { describe, expect, test } from "vitest";
import { findPreset, PROVIDER_PRESETS, placeholdersIn } from "./presets";
import { findProviderType } from "./registry";

const opened = (name: string) => {
  const preset = findPreset(name);
  if (preset === undefined) throw new Error(`there is no preset ${name}`);
  const type = findProviderType(preset.type);
  return type?.open({ ...preset, credentials: null });
};
const wiresOf = (name: string) => opened(name)?.wires("m") ?? [];

describe.each(PROVIDER_PRESETS)("the preset $name", ({ name, type, baseUrl, settings }) => {
  test("has settings and a base URL that its type takes", () => {
    expect(findProviderType(type)?.settings.safeParse(settings).error).toBeUndefined();
    expect(opened(name)?.baseUrl).toBe(baseUrl);
    // As the API stores it.
    expect(baseUrl).toBe(decodeURI(new URL(baseUrl).href).replace(/\/$/, ""));
    expect(name).toMatch(/^[a-z0-9.-]+$/);
  });

  test("names the dialects that it serves, chat among them", () => {
    const served = wiresOf(name).map(({ dialect }) => dialect);
    expect(served.filter((dialect) => dialect !== "count_tokens")).toEqual(settings.dialects);
    expect(served).toContain("chat");
  });
});

test("each name stands for one preset", () => {
  expect(new Set(PROVIDER_PRESETS.map(({ name }) => name)).size).toBe(PROVIDER_PRESETS.length);
  expect(findPreset("toString")).toBeUndefined();
});

test.each([
  ["groq", "max_completion_tokens", true],
  ["mistral", "max_tokens", false],
  ["deepseek", "max_tokens", true],
  ["xai", "max_completion_tokens", true],
  ["openrouter", "max_tokens", false],
  ["moonshot", "max_completion_tokens", true],
  ["cerebras", "max_completion_tokens", true],
  ["perplexity", "max_tokens", false],
])(
  "%s reads its bound as %s, and is asked for the usage of streams: %s",
  (name, outputLimitField, streamUsage) => {
    const chat = wiresOf(name).find(({ dialect }) => dialect === "chat");
    expect(chat).toMatchObject({ outputLimitField, streamUsage });
  },
);

test("legacy completions at Cerebras keep their own name of the bound", () => {
  const legacy = wiresOf("cerebras").find(({ dialect }) => dialect === "completions");
  expect(legacy?.outputLimitField).toBe("max_tokens");
});

test("placeholders of a base URL are named", () => {
  expect(placeholdersIn(findPreset("cloudflare-ai-gateway")?.baseUrl ?? "")).toEqual([
    "{account_id}",
    "{gateway_id}",
  ]);
  expect(placeholdersIn("https://api.groq.com/openai/v1")).toEqual([]);
});
