import { generateKeyPairSync, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { PROVIDER_TYPE_NAMES } from "#lib/providers/registry";
import { apart, distinctProviders, KeyFileError, masked, parseKeyFile } from "./key-file";

const file = (keys: object, rest: object = {}) => JSON.stringify({ virtual_keys: keys, ...rest });
const openai = { provider: "openai", api_key: "sk-1" };
const read = (keys: object, rest: object = {}) => parseKeyFile(file(keys, rest), "keys.json");
const serviceAccount = () => ({
  client_email: "tollgate@my-project.iam.gserviceaccount.com",
  private_key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }),
});
const problemOf = (content: string): string => {
  try {
    parseKeyFile(content, "keys.json");
    return "none";
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    return error.message;
  }
};

describe("a file of virtual keys", () => {
  test("lists each key with its provider, and equal credentials as one provider", () => {
    const { keys } = read({
      "key-one-1": openai,
      "key-two-2": openai,
      "key-three-3": { ...openai, api_key: "sk-2" },
      "key-four-4": { provider: "anthropic", api_key: "sk-1" },
    });
    expect(keys.map(({ key }) => key)).toEqual(["key-one-1", "key-two-2", "key-three-3", "key-four-4"]);
    expect(distinctProviders(keys).map(({ type, credentials }) => [type, credentials])).toEqual([
      ["openai", { api_key: "sk-1" }],
      ["openai", { api_key: "sk-2" }],
      ["anthropic", { api_key: "sk-1" }],
    ]);
  });

  test("takes names of providers in any case, as one provider", () => {
    const names = ["openai", "OpenAI", " OPENAI "].map((provider) => ({ ...openai, provider }));
    const { keys } = read(Object.fromEntries(names.map((entry, at) => [`key-${at}-of-many`, entry])));
    expect(new Set(keys.map(({ provider }) => JSON.stringify(provider))).size).toBe(1);
    const { keys: preset } = read({ "key-one-1": { provider: "Groq", api_key: "k" } });
    expect(preset[0]?.provider).toMatchObject({ type: "openai-compatible" });
  });

  test("gives a provider a valid name that is always the same", () => {
    const name = () => read({ "key-one-1": openai }).keys[0]?.provider.name;
    expect(name()).toMatch(/^openai-[0-9a-f]{8}$/);
    expect(name()).toBe(name());
    expect(name()).not.toContain("sk-1");
  });

  test("gives keys the names in the file, or a part of the key, and their positions", () => {
    const { keys } = read({
      "sk-proj-00000000000000000001a": openai,
      "sk-proj-00000000000000000002a": openai,
      "sk-proj-00000000000000000003a": { ...openai, name: "Support bot" },
      "sk-proj-00000000000000000004a": { ...openai, name: "Support bot" },
    });
    expect(keys.map(({ name }) => name)).toEqual([
      "imported sk-pro…1a",
      "imported sk-pro…2a",
      "Support bot",
      "Support bot",
    ]);
    expect(keys.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
    const similar = read({ "team-a-1": openai, "team-b-1": openai }).keys;
    expect(similar.map(({ name }) => name)).toEqual(["imported te…", "imported te…"]);
  });

  test("takes a base URL for types without an address, and names of presets", () => {
    const groq = { provider: "openai-compatible", api_key: "k", base_url: "https://api.groq.com/openai/v1" };
    const { keys } = read({ "key-one-1": groq, "key-two-2": { provider: "groq", api_key: "k" } });
    expect(keys.map(({ provider }) => provider.base_url)).toEqual([groq.base_url, groq.base_url]);
    expect(keys[1]?.provider).toMatchObject({
      name: expect.stringMatching(/^groq-[0-9a-f]{8}$/),
      type: "openai-compatible",
      settings: { output_limit_field: "max_completion_tokens" },
    });
  });

  test("takes every type of provider, with what it needs", () => {
    const entries = {
      anthropic: { api_key: "k" },
      "azure-openai": {
        base_url: "https://acme.openai.azure.com",
        credentials: { tenant_id: "acme.onmicrosoft.com", client_id: randomUUID(), client_secret: "s" },
      },
      bedrock: {
        credentials: {
          access_key_id: "AKIAIOSFODNN7EXAMPLE",
          secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        },
        settings: { region: "eu-central-1" },
      },
      google: { api_key: "k" },
      openai: { credentials: [{ api_key: "k" }, { api_key: "l" }] },
      "openai-compatible": { base_url: "http://localhost:11434/v1" },
      simulated: {},
      vertex: {
        credentials: { service_account: serviceAccount() },
        settings: { project: "my-project", location: "eu" },
      },
    };
    expect(Object.keys(entries)).toEqual(PROVIDER_TYPE_NAMES);
    const { keys } = read(
      Object.fromEntries(
        Object.entries(entries).map(([provider, rest]) => [`key-${provider}`, { provider, ...rest }]),
      ),
    );
    expect(keys.map(({ provider }) => provider.type)).toEqual(PROVIDER_TYPE_NAMES);
  });

  test("names the organization that gets the keys, if it does", () => {
    expect(read({}, { organization: "Acme" }).organization).toBe("Acme");
    expect(read({}).organization).toBeNull();
  });

  const bad = (entry: unknown) => file({ "team-a-0123456789xyz": entry });
  test.each([
    ["no JSON", "{", "keys.json is not JSON"],
    ["no keys", "{}", "virtual_keys"],
    ["an array", "[]", "the file"],
    [
      "an unknown provider",
      bad({ ...openai, provider: "acme" }),
      '.provider (entry 1): "acme" is not one of anthropic',
    ],
    [
      "a list of API keys",
      bad({ provider: "openai", api_key: ["sk-1", "sk-2"] }),
      '.api_key (entry 1): Must be one key. Give several as "credentials": [{"api_key"',
    ],
    ["no API key", bad({ provider: "openai" }), ".api_key (entry 1): Give the provider's API key."],
    ["an empty API key", bad({ ...openai, api_key: " " }), ".api_key (entry 1): Must not be empty."],
    ["an unknown field", bad({ ...openai, apikey: "x" }), ".apikey (entry 1): Unknown field."],
    ["no entry", bad(null), '"team-a…yz" (entry 1): '],
    [
      "no base URL",
      bad({ provider: "azure-openai", api_key: "k" }),
      ".base_url (entry 1): This type requires a base URL.",
    ],
    ["no region", bad({ provider: "bedrock", api_key: "k" }), ".settings.region (entry 1): "],
    [
      "a preset's placeholders",
      bad({ provider: "cloudflare-ai-gateway", api_key: "k" }),
      ".base_url (entry 1): Give it, like",
    ],
    ["both kinds of credentials", bad({ ...openai, credentials: {} }), ".credentials (entry 1): Give either"],
    [
      "a key that is too short",
      file({ short: openai }),
      '"sh…" (entry 1): This key cannot be used. Use 8 to 512',
    ],
    ["a mistyped Tollgate key", file({ [`tg_live_${"0".repeat(38)}`]: openai }), "valid Tollgate key"],
    ["an empty key", file({ "": openai }), "This key cannot be used"],
  ])("is rejected with the position when it has %s", (_what, content, said) => {
    expect(problemOf(content)).toContain(said);
  });

  test("takes a key of any name, and counts entries as the file has them", () => {
    const content = `\uFEFF{"virtual_keys": {"zebra-key-1": ${JSON.stringify(openai)}, "__proto__": ${JSON.stringify(openai)},
      "constructor": ${JSON.stringify(openai)}, "12345678": ${JSON.stringify(openai)}}}`;
    const { keys } = parseKeyFile(content, "keys.json");
    expect(keys.map(({ key, position }) => [key, position])).toEqual([
      ["zebra-key-1", 1],
      ["__proto__", 2],
      ["constructor", 3],
      ["12345678", 4],
    ]);
    const wrong = content.replace(/"12345678": .*?}/, '"12345678": {}');
    expect(problemOf(wrong)).toContain('"12…".provider (entry 4)');
  });

  test.each([
    [
      "a key",
      '{"virtual_keys": {"key-one-1": {}, "key-two-2": {}, "key-one-1": {}}}',
      '"ke…" (entry 3): It is there twice',
    ],
    [
      "a field",
      '{"virtual_keys": {"key-one-1": {"api_key": "a", "api_key": "b"}}}',
      '"ke…".api_key (entry 1): It is there twice',
    ],
    ["a section", '{"virtual_keys": {}, "virtual_keys": {}}', "virtual_keys: It is there twice"],
    [
      "__proto__",
      '{"virtual_keys": {"key-one-1": {"provider": "openai", "credentials": {"__proto__": "sk-secret"}}}}',
      ".credentials.__proto__ (entry 1): Unknown field",
    ],
  ])("is rejected with %s that would be left out without a word", (_what, content, said) => {
    expect(problemOf(content)).toContain(said);
    expect(problemOf(content)).not.toContain("sk-secret");
  });

  test("names every invalid entry at once, with masked keys and no secret", () => {
    const secret = "sk-the-providers-own-key";
    const wrong = {
      "vk-0123456789abcdefgh": { api_key: secret },
      "vk-zyxwvutsrqponmlkji": { provider: "openai", api_key: secret, base_url: secret },
    };
    const said = problemOf(file(wrong));
    expect(said).toContain("vk-012…gh");
    expect(said).toContain("vk-zyx…ji");
    for (const hidden of ["vk-0123456789", secret]) expect(said).not.toContain(hidden);
    expect(problemOf(`{"virtual_keys": {"vk-0123456789abcdefgh": ${secret}`)).not.toContain("0123456789");
  });
});

describe("names apart", () => {
  test("stay within the length of a name", () => {
    const taken = new Set(["x".repeat(80)]);
    expect(apart("x".repeat(80), taken)).toBe(`${"x".repeat(78)} 2`);
  });
});

describe("a masked key", () => {
  test("shows little of a long key and almost nothing of a short one", () => {
    expect(masked("sk-0123456789abcdefghij")).toBe("sk-012…ij");
    expect(masked("team-a")).toBe("te…");
  });
});
