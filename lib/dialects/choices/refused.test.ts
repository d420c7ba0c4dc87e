import { describe, expect, test } from "vitest";
import { parseChat } from "#lib/dialects/chat/parse";
import type { Edits } from "#lib/dialects/dialect";
import { NO_EDITS } from "#lib/dialects/testing/edits";
import type { ErrorFields } from "#lib/http/api-error";
import { editRequest } from "./edit";
import { refusedField } from "./refused";

const messages = [{ role: "user", content: "Hi" }];
const callOf = (fields: object) => parseChat(JSON.stringify({ model: "m", messages, ...fields }));
const edits = (fields: Partial<Edits> = {}): Edits => ({ ...NO_EDITS, ...fields });
const error = (message: string, fields: Partial<ErrorFields> = {}): ErrorFields => ({
  message,
  type: "invalid_request_error",
  param: null,
  code: null,
  ...fields,
});

describe("a refusal of what asks for the usage of a stream", () => {
  test.each([
    error("Unrecognized request argument supplied: stream_options"),
    error("stream_options: Extra inputs are not permitted"),
    error("Extra inputs are not permitted", { param: "stream_options" }),
    error("Unknown field.", { param: "stream_options.include_usage" }),
    error('Unknown name "stream_options": Cannot find field.'),
    error("`include_usage` is not supported"),
  ])("is recognized: $message", (refusal) => {
    expect(refusedField(callOf({ stream: true }), edits(), refusal)).toMatchObject({
      kind: "stream_usage",
    });
    expect(refusedField(callOf({}), edits(), refusal)).toBeNull();
    expect(refusedField(callOf({ stream: true }), edits({ streamUsage: false }), refusal)).toBeNull();
  });

  test("is not seen if the client asks for more, which may be what is refused", () => {
    const refusal = error("Invalid type for 'stream_options.include_obfuscation'.", {
      param: "stream_options.include_obfuscation",
    });
    const call = callOf({ stream: true, stream_options: { include_obfuscation: "x" } });
    expect(refusedField(call, edits(), refusal)).toBeNull();
  });
});

describe("a refusal of the bound's name", () => {
  const OLD =
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
  test.each([
    ["max_tokens", error(OLD, { param: "max_tokens", code: "unsupported_parameter" })],
    ["max_tokens", error("Use the newer name.", { param: "max_tokens", code: "unsupported_parameter" })],
    ["max_completion_tokens", error("max_completion_tokens: Extra inputs are not permitted")],
    ["max_completion_tokens", error("Unrecognized request argument supplied: max_completion_tokens")],
    ["max_completion_tokens", error("property 'max_completion_tokens' is unsupported")],
    ["max_tokens", error("Parameter max_tokens is not supported by this model, see the documentation.")],
    ["max_completion_tokens", error("create() got an unexpected keyword argument 'max_completion_tokens'")],
    ["max_completion_tokens", error("Unknown parameter: 'max_completion_tokens'.")],
  ])("%s is recognized: $message", (field, refusal) => {
    const otherName = field === "max_tokens" ? "max_completion_tokens" : "max_tokens";
    const ours = edits({ outputLimitTokens: 10, outputLimitField: field });
    const expected = { kind: "output_limit", otherName };
    expect(refusedField(callOf({}), ours, refusal)).toEqual(expected);
    expect(refusedField(callOf({ [field]: 10 }), edits(), refusal)).toEqual(expected);
    // Not what was sent.
    expect(refusedField(callOf({}), edits(), refusal)).toBeNull();
  });

  test.each([
    error("max_tokens is too large: 100000. This model supports at most 4096 completion tokens."),
    error("max_tokens must be at least 1, got 0", { param: "max_tokens" }),
    error("Unsupported value: 'max_tokens'", { param: "max_tokens", code: "unsupported_value" }),
    error("Unsupported parameter: 'logprobs'", { param: "logprobs", code: "unsupported_parameter" }),
    error("'max_tokens_per_page' is not supported"),
    error("max_tokens of 5 is not supported"),
    error("max_tokens is not supported below the minimum"),
    error("max_tokens not supported: it must exceed thinking.budget_tokens"),
    error("max_tokens is not supported for values below 16."),
    error("Unsupported value for parameter: max_tokens must be larger", { param: "max_tokens" }),
  ])("is not seen in: $message", (refusal) => {
    expect(refusedField(callOf({ max_tokens: 100_000 }), edits(), refusal)).toBeNull();
  });
});

describe("a body without what asks for the usage", () => {
  test.each([
    [{ stream: true }, {}],
    [{ stream: true, stream_options: { include_usage: true } }, {}],
    [{ stream_options: { include_usage: true, other: 1 }, stream: true, max_tokens: 5 }, { max_tokens: 5 }],
  ])("has no stream_options: %j", (fields, rest) => {
    const body = JSON.parse(editRequest(callOf(fields), edits({ streamUsage: false })));
    expect(body).toEqual({ model: "m", messages, stream: true, ...rest });
  });

  test("has the bound all the same", () => {
    const call = callOf({
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 9,
      options: { num_predict: 9 },
    });
    const sent = edits({
      streamUsage: false,
      searchLimit: null,
      encryptedReasoning: true,
      outputLimitTokens: 7,
      outputLimitField: "max_completion_tokens",
    });
    expect(JSON.parse(editRequest(call, sent))).toEqual({
      model: "m",
      messages,
      stream: true,
      options: {},
      max_completion_tokens: 7,
    });
  });
});
