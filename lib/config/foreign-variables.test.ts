import { expect, test } from "vitest";
import { VARIABLE_NAMES } from "./environment";
import { foreignVariables } from "./foreign-variables";

test("names our variable for each that another gateway reads, without its value", () => {
  const env = { SERVER_PORT: "8080", LITELLM_MASTER_KEY: "sk-secret", REDIS_ADDRESS: "", PATH: "/bin" };
  expect(foreignVariables(env)).toEqual([
    "LITELLM_MASTER_KEY is not read: set ADMIN_API_KEY instead.",
    "SERVER_PORT is not read: set PORT instead.",
  ]);
});

test("names only variables that Tollgate reads, and none of them as foreign", () => {
  const everything = new Proxy({}, { get: () => "x" });
  const sentences = foreignVariables(everything);
  expect(sentences.length).toBeGreaterThan(30);
  for (const sentence of sentences) {
    const [, foreign, ours = ""] = /^(\w+) is not read: set (\w+)/.exec(sentence) ?? [];
    expect(VARIABLE_NAMES, sentence).toContain(ours);
    expect(VARIABLE_NAMES, sentence).not.toContain(foreign);
  }
});
