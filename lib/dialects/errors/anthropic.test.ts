import { describe, expect, test } from "vitest";
import { ApiError, type ApiErrorCode } from "#lib/http/api-error";
import { anthropicErrors, anthropicFailedEvent } from "./anthropic";

const TYPES: [ApiErrorCode, string][] = [
  ["invalid_request", "invalid_request_error"],
  ["context_length_exceeded", "invalid_request_error"],
  ["unsupported_parameter", "invalid_request_error"],
  ["invalid_api_key", "authentication_error"],
  ["payment_expired", "permission_error"],
  ["model_not_allowed", "permission_error"],
  ["ip_not_allowed", "permission_error"],
  ["organization_suspended", "permission_error"],
  ["model_not_found", "not_found_error"],
  ["request_too_large", "request_too_large"],
  ["rate_limit_exceeded", "rate_limit_error"],
  ["insufficient_quota", "billing_error"],
  ["budget_in_flight", "rate_limit_error"],
  ["concurrency_limit_exceeded", "rate_limit_error"],
  ["upstream_rate_limited", "rate_limit_error"],
  ["upstream_error", "api_error"],
  ["upstream_timeout", "api_error"],
  ["service_unavailable", "overloaded_error"],
  ["internal_error", "api_error"],
];

describe("an error in Anthropic's shape", () => {
  test.each(TYPES)("%s is a %s, with our code in a header", (code, type) => {
    const error = new ApiError(code, "Say what to do.", { param: "model" });
    expect(JSON.parse(anthropicErrors.body(error, "req-1"))).toEqual({
      type: "error",
      error: { type, message: "Say what to do." },
      request_id: "req-1",
    });
    expect(anthropicErrors.headers(error)).toMatchObject({ "x-tollgate-code": code });
  });

  test("says that an input is too long in Anthropic's own words", () => {
    const contextTokens = { input: 210_000, most: 200_000 };
    const error = new ApiError("context_length_exceeded", "Shorten it.", { contextTokens });
    expect(JSON.parse(anthropicErrors.body(error, "req-1")).error).toEqual({
      type: "invalid_request_error",
      message: "prompt is too long: 210000 tokens > 200000 maximum",
    });
  });

  test("of an overloaded provider says so", () => {
    const error = new ApiError("upstream_error", "Overloaded", { status: 503 });
    expect(JSON.parse(anthropicErrors.body(error, "req-1")).error.type).toBe("overloaded_error");
  });

  test("is not to be sent again if only a person can help", () => {
    const isFinal = ([code]: [ApiErrorCode, string]) =>
      anthropicErrors.headers(new ApiError(code, ""))["x-should-retry"] === "false";
    expect(TYPES.filter(isFinal).map(([code]) => code)).toEqual(["invalid_api_key", "insufficient_quota"]);
  });

  test("keeps a provider's words and type", () => {
    const message = "max_tokens: 5 > 4, which is the maximum";
    const error = { message, type: "invalid_request_error", param: null, code: null };
    expect(JSON.parse(anthropicErrors.providerError(error, "req-2"))).toEqual({
      type: "error",
      error: { type: "invalid_request_error", message },
      request_id: "req-2",
    });
  });

  test.each([
    ["overloaded_error", "overloaded_error"],
    ["server_error", "api_error"],
  ])("of the type %s ends a stream as %s", (type, expected) => {
    const event = anthropicFailedEvent({ message: "no", type, param: null, code: null }).toString();
    expect(event).toBe(
      `event: error\ndata: {"type":"error","error":{"type":"${expected}","message":"no"}}\n\n`,
    );
  });
});
