import { afterEach, describe, expect, test, vi } from "vitest";
import { plainName } from "#lib/dialects/bounds/plain-name";
import { ApiError } from "#lib/http/api-error";
import { outputBoundNames } from "./bounds/output-bound-names";
import { unsupportedFieldNames } from "./bounds/unsupported-fields";
import { DIALECTS } from "./registry";
import { MOST_JUDGED_CHARACTERS } from "./text/lenient-name";

// ICU sorts the combining marks of a character by insertion: 64 KB of them take seconds.

const longName = (marks: number) => `a${"\u0301".repeat(marks)}${"\u0316".repeat(marks)}`;
const content = [{ type: "image_url", image_url: { url: "https://a.example/a.png", [longName(300)]: 1 } }];
const text = [{ role: "user", content: "Hi" }];

/** Where a client may put a name of its own. */
const PLACES: Readonly<Record<string, object>> = {
  "the body": { [longName(300)]: 1 },
  "the body, as an object": { [longName(300)]: { a: 1 } },
  "a field that servers merge into the body": {
    extra_body: { [longName(300)]: { n: 1, enable_thinking: true } },
  },
  "reasoning settings": { reasoning: { [longName(300)]: { max_tokens: 1 } } },
  metadata: { metadata: { [longName(300)]: "a" } },
  "metadata as text": { metadata: JSON.stringify({ [longName(300)]: "a" }) },
  "the options of a stream": { stream_options: { [longName(300)]: 1 } },
  thinking: { thinking: { type: "enabled", budget_tokens: 1_024, [longName(300)]: 1 } },
  "a tool": { tools: [{ type: "function", name: "f", function: { name: "f" }, [longName(300)]: 1 }] },
  "a custom tool": { tools: [{ type: "custom", name: "f", [longName(300)]: 1 }] },
  "a medium": { messages: [{ role: "user", content }], input: [{ role: "user", content }] },
  "a chat template's arguments": { chat_template_kwargs: { [longName(300)]: 1 } },
};

describe.each(DIALECTS)("a long name at $endpoint", ({ name, parse, counting }) => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(Object.entries(PLACES))("is never normalized: in %s", (_, fields) => {
    const input = name === "responses" ? text : "Hi";
    const body = { model: "m", max_tokens: 2_048, messages: text, prompt: "Hi", input, ...fields };
    const normalize = vi.spyOn(String.prototype, "normalize");
    for (const each of [parse, counting?.parse]) {
      try {
        each?.(JSON.stringify(body));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
    const lengths = normalize.mock.contexts.map((name) => String(name).length);
    expect(Math.max(0, ...lengths)).toBeLessThanOrEqual(MOST_JUDGED_CHARACTERS);
  });
});

test("all names that servers read are judged, in any form", () => {
  for (const name of [...outputBoundNames, ...unsupportedFieldNames]) {
    const wide = Array.from(name, (sign) => (sign === "_" ? "＿" : sign)).join("");
    expect(plainName(wide)).toBe(plainName(name));
    expect(3 * name.length).toBeLessThan(MOST_JUDGED_CHARACTERS);
  }
});

test("a name that is longer than any that a server reads is in no table", () => {
  const dashes = "-".repeat(MOST_JUDGED_CHARACTERS);
  expect(plainName(`max_tokens${dashes.slice("max_tokens".length)}`)).toBe("maxtokens");
  expect(plainName(`max_tokens${dashes}`)).toBe("");
});
