import { expect, test } from "vitest";
import { hideSecrets } from "./hide-secrets";

const KEY = 'sk-live/0123456789"ab';
const hidden = (text: string, ...secrets: string[]) =>
  hideSecrets(Buffer.from(text), { secrets, signer: null }).toString("utf8");

test.each([
  ["as it is", `a${KEY}b`, "a[hidden]b"],
  ["twice", `${KEY}${KEY}`, "[hidden][hidden]"],
  ["within JSON", JSON.stringify({ key: KEY, é: 1 }), '{"key":"[hidden]","é":1}'],
  ["within JSON as PHP writes it", String.raw`{"key":"sk-live\/0123456789\"ab"}`, '{"key":"[hidden]"}'],
])("a secret is hidden %s", (_, text, expected) => {
  expect(hidden(text, KEY)).toBe(expected);
});

test("all secrets are hidden, and placeholders are not", () => {
  expect(
    hidden(
      "first-0123456789 second-0123456789 EMPTY ollama",
      "first-0123456789",
      "second-0123456789",
      "ollama",
    ),
  ).toBe("[hidden] [hidden] EMPTY ollama");
});

test("a URL and the name of an app may be a part of an answer", () => {
  for (const text of ["https://tollgate.example.com", "The Support Assistant"]) {
    expect(hidden(`Ask at ${text}.`, text)).toBe(`Ask at ${text}.`);
  }
  const privateKey = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\n";
  expect(hidden(`a${privateKey}b`, privateKey)).toBe("a[hidden]b");
});

test("what contains no secret is not copied", () => {
  const bytes = Buffer.from("data: x\n\n");
  expect(hideSecrets(bytes, { secrets: [KEY], signer: null })).toBe(bytes);
});

test("tokens that were received for the credentials are hidden, too, also those that come later", () => {
  let tokens: readonly string[] = [];
  const signer = { sign: async () => [], renew: () => false, secrets: () => tokens };
  const shown = () =>
    String(hideSecrets(Buffer.from("ya29.first-token ya29.later-token"), { secrets: [KEY], signer }));
  expect(shown()).toBe("ya29.first-token ya29.later-token");
  tokens = ["ya29.first-token"];
  expect(shown()).toBe("[hidden] ya29.later-token");
  tokens = ["ya29.later-token", "ya29.first-token"];
  expect(shown()).toBe("[hidden] [hidden]");
});
