import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseChat } from "#lib/dialects/chat/parse";
import type { Edits } from "#lib/dialects/dialect";
import { NO_EDITS } from "#lib/dialects/testing/edits";
import { quickestMs } from "#lib/testing/promptness";
import { refusedField } from "./refused";

const SENT: Edits = { ...NO_EDITS, outputLimitTokens: 10 };
const asking = (content: string, more: object = {}) =>
  parseChat(JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content }], ...more }));

const NAMES = ["max_tokens", "max_completion_tokens", "stream_options", "include_usage"] as const;

/** Words that a client may want an error to say, in each wording that is believed, and others around them. */
const REFUSALS = NAMES.flatMap((name) => [
  name,
  `Unsupported parameter: '${name}' is not supported with this model. Use 'max_completion_tokens' instead.`,
  `Unrecognized request argument supplied: ${name}`,
  `${name}: Extra inputs are not permitted`,
  `'${name}' is not supported`,
  `unknown field \`${name}\`, expected one of x`,
  `[{'type': 'extra_forbidden', 'loc': ('body', '${name}'), 'msg': 'Extra inputs are not permitted'`,
  `openai does not support parameters: ['${name}'], for model=x`,
  `'${name}' is deprecated. Use 'max_completion_tokens' instead.`,
]);
const chosen = fc
  .tuple(
    fc.constantFrom("", " ", "\n", '"', "a)", "https://evil.example/a)"),
    fc.constantFrom(...REFUSALS),
    fc.string(),
  )
  .map(([before, words, after]) => `${before}${words}${after === "" ? "" : ` ${after}`}`);

/** How a server may write what the client wrote. */
const WRITTEN: readonly ((words: string) => string)[] = [
  (words) => words,
  (words) => JSON.stringify(words),
  (words) => JSON.stringify(words).slice(1, -1),
  (words) => words.trim(),
  (words) => words.slice(0, 200),
  (words) => words.replace(/\s+/g, " "),
];
/** Where it may be in a body. */
const BODIES: readonly ((words: string) => object)[] = [
  (words) => ({ messages: [{ role: "user", content: words }] }),
  (words) => ({ messages: [{ role: "user", content: [{ type: "text", text: `Say: ${words}!` }] }] }),
  (words) => ({
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: words } }] }],
  }),
  (words) => ({ user: words, messages: [{ role: "user", content: "Hi" }] }),
  (words) => ({ messages: [{ role: "user", content: "Hi" }], metadata: { [words]: "x" } }),
  (words) => ({
    messages: [{ role: "user", content: "Hi" }],
    tools: [{ type: "function", function: { name: "f", parameters: { properties: { [words]: {} } } } }],
  }),
];
const TEMPLATES: readonly (readonly [string, string])[] = [
  ["", ""],
  ["Error while downloading ", "."],
  ["Timeout while downloading ", "."],
  ["Tool error: Failed to parse generated text: EOF while parsing a string at line 1 column 90 ", ""],
  ["Invalid value: '", "'."],
  ["The model `", "` does not exist"],
  ["user: ", ""],
  ["Unknown parameter: '", "'."],
  ["Unrecognized request argument supplied: ", ""],
  ["", " is not supported with this model."],
];
const template = fc.oneof(
  fc.constantFrom(...TEMPLATES),
  fc.tuple(fc.string(), fc.string()).map(([before, after]): readonly [string, string] => [before, after]),
);

describe("what a client writes", () => {
  test("is never read as a refusal, whatever error it is quoted in", () => {
    fc.assert(
      fc.property(
        chosen,
        template,
        fc.constantFrom(...WRITTEN),
        fc.constantFrom(...BODIES),
        fc.constantFrom(...NAMES.slice(0, 2)),
        fc.constantFrom(null, "invalid_image_url", "invalid_value"),
        (words, [before, after], written, bodyOf, outputLimitField, code) => {
          const call = parseChat(JSON.stringify({ model: "m", stream: true, ...bodyOf(words) }));
          const message = `${before}${written(words)}${after}`;
          const error = { message, type: "invalid_request_error", param: null, code };
          expect(refusedField(call, { ...SENT, outputLimitField }, error)).toBeNull();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("is not read so as the name of a field, even under a code that is about names", () => {
    for (const code of ["unknown_parameter", "unsupported_parameter", null]) {
      for (const name of NAMES) {
        const call = asking("Hi", { metadata: { [name]: "x" } });
        const message = `Unknown parameter: '${name}'.`;
        const error = { message, type: "invalid_request_error", param: null, code };
        const sent = { ...SENT, outputLimitField: name };
        expect(refusedField(call, sent, error)).toBeNull();
      }
    }
  });

  test("may be about a field that a provider refuses in `param`", () => {
    const content = "Why is max_tokens not supported? And stream_options?";
    const call = asking(content);
    const refusalOf = (param: string) => ({
      message: `Unsupported parameter: '${param}' is not supported with this model.`,
      type: "invalid_request_error",
      param,
      code: "unsupported_parameter",
    });
    expect(refusedField(call, SENT, refusalOf("max_tokens"))).toMatchObject({ kind: "output_limit" });
    expect(refusedField(call, SENT, refusalOf("stream_options"))).toEqual({
      kind: "stream_usage",
      by: "field",
    });
  });
});

/** What the model has written is in no body: an error that quotes it does not begin with it. */
test.each([
  'Tool error: Failed to parse generated text: EOF while parsing a string at line 1 column 90 "max_tokens is not supported. Use max_completion_tokens. Lorem"',
  "Error while downloading [hidden])stream_options",
  "Error while downloading a)max_tokens/use/max_completion_tokens.",
  "Invalid tool call: max_tokens: Extra inputs are not permitted",
  "Could not parse: Unsupported parameter: 'max_tokens'",
  "max_tokens is not supported in the generated text",
  "image: unknown field stream_options",
])("an error that quotes a text is no refusal: %s", (message) => {
  const call = asking("Hi");
  const error = { message, type: "invalid_request_error", param: null, code: null };
  expect(refusedField(call, SENT, error)).toBeNull();
});

test.each(["invalid_image_url", "tool_error"])("an error with the code %s is no refusal", (code) => {
  const call = asking("Hi");
  const message = "Unsupported parameter: 'max_tokens'";
  const error = { message, type: "invalid_request_error", param: null, code: null };
  expect(refusedField(call, SENT, error)).not.toBeNull();
  expect(refusedField(call, SENT, { ...error, code })).toBeNull();
  expect(refusedField(call, SENT, { ...error, type: code })).toBeNull();
});

test.each([
  "Unrecognized request argument supplied: max_tokens",
  'Invalid JSON payload received. Unknown name "max_tokens": Cannot find field.',
  "Failed to deserialize the JSON body into the target type: unknown field `max_tokens`, expected one of `model`, `messages` at line 1 column 40",
  "Malformed input request: #: extraneous key [max_tokens] is not permitted, please reformat your input and try again.",
  "[{'type': 'extra_forbidden', 'loc': ('body', 'max_tokens'), 'msg': 'Extra inputs are not permitted', 'input': 10}]",
  "1 validation error for ChatCompletionRequest\nmax_tokens\n  Extra inputs are not permitted [type=extra_forbidden, input_value=10, input_type=int]",
  "litellm.UnsupportedParamsError: openai does not support parameters: ['max_tokens'], for model=m. To drop these, set `litellm.drop_params=True`",
  "'max_tokens' is deprecated. Use 'max_completion_tokens' instead.",
])("servers word it so: %s", (message) => {
  const call = parseChat(
    JSON.stringify({ model: "m", max_tokens: 10, messages: [{ role: "user", content: "Hi there!" }] }),
  );
  const error = { message, type: "invalid_request_error", param: null, code: null };
  expect(refusedField(call, SENT, error)).toEqual({
    kind: "output_limit",
    otherName: "max_completion_tokens",
  });
});

test("a long message is judged in a moment", async () => {
  const call = asking("Hi");
  for (const part of ["a.", "Error: ", "unknown parameter ", "'", "max_tokens ", " ", "\n", "aError "]) {
    const message = part.repeat(Math.floor(990 / part.length));
    const judge = () => refusedField(call, SENT, { message, type: "", param: null, code: null });
    expect(await quickestMs(judge)).toBeLessThan(100);
  }
});
