import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { seal } from "#lib/config/seal";
import { credentialsOf, ProviderSealedAnew } from "#lib/providers/open-provider";
import { providerOpener } from "./provider-opener";

const [before, after] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
const stored = (apiKey: string, key: string, change: object = {}) => ({
  id: "1",
  type: "openai",
  baseUrl: null,
  credentials: seal(JSON.stringify({ api_key: apiKey }), key, credentialsOf("1")),
  settings: {},
  headers: null,
  ...change,
});

test("a process with the earlier key goes on with what it opened before the rotation", () => {
  const onBroken = vi.fn();
  const open = providerOpener({ ENCRYPTION_KEY: before }, onBroken);
  const first = open(stored("sk-1", before), "openai");
  expect(first?.secrets).toEqual(["sk-1"]);
  expect(open(stored("sk-2", before), "openai")?.secrets).toEqual(["sk-2"]);
  expect(onBroken).not.toHaveBeenCalled();
  expect(open(stored("sk-2", after), "openai")?.secrets).toEqual(["sk-2"]);
  expect(onBroken).toHaveBeenCalledWith("openai", expect.any(ProviderSealedAnew));
});

test.each([
  ["another address", { baseUrl: "https://elsewhere.example/v1" }],
  ["other settings", { settings: { extra_fields: ["x"] } }],
  ["another provider", { id: "2" }],
  ["damaged credentials", { credentials: Buffer.alloc(64, 9) }],
])("but not for %s", (_, change) => {
  const open = providerOpener({ ENCRYPTION_KEY: before }, () => {});
  open(stored("sk-1", before), "openai");
  expect(open(stored("sk-1", after, change), "openai")).toBeNull();
});
