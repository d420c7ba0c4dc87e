import { describe, expect, test } from "vitest";
import { distinctProviders, masked, parseKeyFile } from "./key-file";

const file = (keys: object) => JSON.stringify({ virtual_keys: keys });
const openai = { provider: "openai", api_key: "sk-1" };

describe("a file of virtual keys", () => {
  test("lists each key with its provider, and equal credentials as one provider", () => {
    const keys = parseKeyFile(
      file({
        one: openai,
        two: openai,
        three: { ...openai, api_key: "sk-2" },
        four: { ...openai, provider: "openai-compatible" },
      }),
      "keys.json",
    );
    expect(keys.map(({ key }) => key)).toEqual(["one", "two", "three", "four"]);
    expect(distinctProviders(keys).map(({ type, apiKey }) => [type, apiKey])).toEqual([
      ["openai", "sk-1"],
      ["openai", "sk-2"],
      ["openai-compatible", "sk-1"],
    ]);
  });

  test("gives a provider a valid name that is always the same", () => {
    const name = () => parseKeyFile(file({ one: openai }), "keys.json")[0]?.provider.name;
    expect(name()).toMatch(/^openai-[0-9a-f]{8}$/);
    expect(name()).toBe(name());
    expect(name()).not.toContain("sk-1");
  });

  test("takes a base URL for types without an address", () => {
    const groq = { provider: "openai-compatible", api_key: "k", base_url: "https://api.groq.com/openai/v1" };
    expect(parseKeyFile(file({ one: groq }), "keys.json")[0]?.provider.baseUrl).toBe(groq.base_url);
  });

  test.each([
    ["no JSON", "{", "keys.json is not JSON"],
    ["no keys", "{}", "virtual_keys"],
    ["an array", "[]", "the file"],
    [
      "an unknown provider",
      file({ "team-a-0123456789xyz": { ...openai, provider: "acme" } }),
      'virtual_keys."team-a…yz".provider: "acme" is not one of anthropic',
    ],
    [
      "no API key",
      file({ "team-a-0123456789xyz": { provider: "openai" } }),
      'virtual_keys."team-a…yz".api_key: must be a string',
    ],
    ["an empty API key", file({ k: { ...openai, api_key: " " } }), "api_key: must not be empty"],
    ["an unknown field", file({ k: { ...openai, apikey: "x" } }), "apikey"],
    ["an empty key", file({ "": openai }), "virtual_keys"],
  ])("is rejected with the position when it has %s", (_what, content, said) => {
    expect(() => parseKeyFile(content, "keys.json")).toThrow(said);
  });

  test("names every invalid entry at once, with masked keys", () => {
    const wrong = { "vk-0123456789abcdefgh": {}, "vk-zyxwvutsrqponmlkji": { provider: "openai" } };
    const said = () => parseKeyFile(file(wrong), "keys.json");
    expect(said).toThrow("vk-012…gh");
    expect(said).toThrow("vk-zyx…ji");
    expect(said).not.toThrow("vk-0123456789");
  });
});

describe("a masked key", () => {
  test("shows little of a long key and almost nothing of a short one", () => {
    expect(masked("sk-0123456789abcdefghij")).toBe("sk-012…ij");
    expect(masked("team-a")).toBe("te…");
  });
});
