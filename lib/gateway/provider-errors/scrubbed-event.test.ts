import { describe, expect, test } from "vitest";
import { testTarget } from "#lib/providers/testing/target";
import { scrubbedEvent } from "./scrub";

const target = testTarget({
  baseUrl: "https://vllm-7.prod.acme.example:8443/v1",
  apiKey: "CANARY-0123456789ab9xQ2",
});
const FAILED = {
  code: "upstream_error",
  type: "server_error",
  message: "The provider could not serve the request.",
  param: null,
};
const LIMITED = "The provider's rate limit is reached. Try again later.";

describe("an error in the middle of a stream that may pass", () => {
  test.each<[string, object, object]>([
    [
      "OpenAI",
      { message: "The server had an error while processing your request.", type: "server_error", code: null },
      { type: "server_error", code: "upstream_error" },
    ],
    [
      "Anthropic",
      { type: "overloaded_error", message: "Overloaded" },
      { type: "overloaded_error", message: "Overloaded" },
    ],
    [
      "OpenAI's other code",
      { message: "Overloaded.", type: "server_error", code: "server_is_overloaded" },
      { type: "server_error", code: "server_is_overloaded" },
    ],
    [
      "OpenRouter",
      { code: 502, message: "Provider disconnected" },
      { type: "server_error", code: "upstream_error" },
    ],
    [
      "OpenRouter's limit",
      { code: 429, message: "Slow down" },
      { type: "rate_limit_error", code: "rate_limit_exceeded", message: "Slow down" },
    ],
    [
      "Google",
      { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" },
      { type: "UNAVAILABLE", code: "upstream_error" },
    ],
    [
      "vLLM",
      { message: "EngineDeadError", type: "InternalServerError", code: 500 },
      { type: "InternalServerError", code: "upstream_error" },
    ],
    ["words alone", { message: "boom" }, { type: "server_error", code: "upstream_error", message: "boom" }],
    ["nothing", {}, FAILED],
    ["a time-out", { code: 504, message: "upstream timed out" }, { type: "server_error" }],
  ])("keeps a type and a code that say so: %s", (_, error, expected) => {
    expect(scrubbedEvent({ error }, target)).toMatchObject(expected);
  });

  test.each<[string, object, object]>([
    [
      "OpenAI",
      {
        message: "Rate limit reached for gpt-4o in organization org-AbC on tokens per min.",
        type: "tokens",
        code: "rate_limit_exceeded",
      },
      { type: "rate_limit_error", code: "rate_limit_exceeded" },
    ],
    [
      "Anthropic",
      { type: "rate_limit_error", message: "This request would exceed your organization's rate limit." },
      { type: "rate_limit_error", code: "rate_limit_exceeded" },
    ],
    [
      "Google",
      { code: 429, status: "RESOURCE_EXHAUSTED", message: "Too many requests for your project." },
      { type: "RESOURCE_EXHAUSTED", code: "rate_limit_exceeded" },
    ],
    [
      "words alone",
      { message: "Rate limit reached for gpt-4o in organization org-AbCdEfGhIj on tokens per min (TPM)" },
      { type: "rate_limit_error", code: "rate_limit_exceeded" },
    ],
  ])("says that our rate limit is reached, without whose: %s", (_, error, names) => {
    expect(scrubbedEvent({ error }, target)).toEqual({ message: LIMITED, param: null, ...names });
  });

  test.each([
    { message: "You exceeded your current quota.", type: "insufficient_quota", code: "insufficient_quota" },
    { code: 429, message: "Quota exceeded, check your billing details." },
    { message: "Incorrect API key provided: sk-ab***cd.", code: "invalid_api_key" },
    { code: 401, message: "Unauthorized" },
    { code: 402, message: "Pay first" },
    { code: 403, message: "No." },
  ])("is only a failure if it is about our account: $message", (error) => {
    expect(scrubbedEvent({ error }, target)).toEqual(FAILED);
  });
});

describe("an error in the middle of a stream that is about the request", () => {
  test.each<[object, object]>([
    [
      { message: "Flagged by our content policy.", code: 403 },
      { type: "invalid_request_error", message: "Flagged by our content policy." },
    ],
    [
      { message: "Too long.", code: "context_length_exceeded" },
      { type: "invalid_request_error", code: "context_length_exceeded" },
    ],
    [
      { message: "The image is too large.", type: "invalid_request_error" },
      { type: "invalid_request_error", code: null },
    ],
  ])("stays one: %j", (error, expected) => {
    expect(scrubbedEvent({ error }, target)).toMatchObject(expected);
  });
});

test("no words of a provider show our key or host", () => {
  const error = {
    message: "CANARY-0123456789ab9xQ2 at vllm-7.prod.acme.example failed",
    type: "CANARY-0123456789ab9xQ2",
    code: 500,
  };
  const scrubbed = scrubbedEvent({ error }, target);
  expect(scrubbed).toMatchObject({ type: "server_error", code: "upstream_error" });
  const shown = JSON.stringify(scrubbed);
  expect(shown).not.toContain("CANARY");
  expect(shown).not.toContain("acme");
});
