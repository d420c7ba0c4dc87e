import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { seal } from "#lib/config/seal";
import {
  credentialsOf,
  headersOf,
  openProvider,
  ProviderUnusable,
  type StoredProvider,
} from "./open-provider";

const KEY = randomBytes(32).toString("base64");
const ID = "0197f0a0-0000-7000-8000-000000000001";
const sealed = (text: string) => seal(text, KEY, credentialsOf(ID));
const stored = (change: Partial<StoredProvider> = {}): StoredProvider => ({
  id: ID,
  type: "openai",
  baseUrl: null,
  credentials: sealed('{"api_key":"sk-secret"}'),
  settings: {},
  headers: null,
  ...change,
});

describe("openProvider", () => {
  test("makes the headers from the credentials, and remembers what is secret", () => {
    expect(openProvider(stored(), { ENCRYPTION_KEY: KEY })).toMatchObject({
      baseUrl: "https://api.openai.com/v1",
      authHeaders: ["authorization", "Bearer sk-secret"],
      secrets: ["sk-secret"],
      exchange: null,
    });
  });

  test("sends no credentials for a provider that has none", () => {
    const provider = stored({ type: "openai-compatible", baseUrl: "http://vllm/v1/", credentials: null });
    expect(openProvider(provider, { ENCRYPTION_KEY: KEY })).toMatchObject({
      baseUrl: "http://vllm/v1",
      authHeaders: [],
      secrets: [],
    });
  });

  test("sends the sealed values of extra headers, and counts their tokens as secrets", () => {
    const provider = stored({
      type: "openai-compatible",
      baseUrl: "http://vllm/v1",
      settings: { headers: { "x-title": null, "cf-aig-authorization": null } },
      headers: seal('{"cf-aig-authorization":"Bearer cf-secret","x-title":"Acme"}', KEY, headersOf(ID)),
    });
    expect(openProvider(provider, { ENCRYPTION_KEY: KEY })).toMatchObject({
      authHeaders: [
        ...["authorization", "Bearer sk-secret"],
        ...["cf-aig-authorization", "Bearer cf-secret", "x-title", "Acme"],
      ],
      secrets: ["sk-secret", "Bearer cf-secret", "cf-secret", "Acme"],
    });
  });

  test.each<[string, Partial<StoredProvider>, RegExp]>([
    ["a type that is not served", { type: "telegraph" }, /"telegraph" is not served/],
    ["credentials sealed with another key", { credentials: Buffer.alloc(64, 1) }, /ENCRYPTION_KEY/],
    [
      "credentials of another provider",
      { id: "0197f0a0-0000-7000-8000-000000000002" },
      /sealed for another provider/,
    ],
    [
      "headers that are sealed as credentials",
      { headers: sealed('{"x-title":"sk-secret"}') },
      /stored headers cannot be decrypted/,
    ],
    ["credentials that are no JSON", { credentials: sealed("sk-secret") }, /decrypted/],
    ["credentials of another type", { credentials: sealed('{"token":"sk-secret"}') }, /not valid/],
    ["settings of another type", { settings: { surprise: 1 } }, /not valid/],
  ])("rejects %s in words without the secret", (_name, change, words) => {
    const open = () => openProvider(stored(change), { ENCRYPTION_KEY: KEY });
    expect(open).toThrow(ProviderUnusable);
    expect(open).toThrow(words);
    expect(open).not.toThrow("sk-secret");
  });
});
