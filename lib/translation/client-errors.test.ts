import { describe, expect, test } from "vitest";
import { clientError } from "./client-errors";

const error = (message: string, type = "INVALID_ARGUMENT") => ({ message, type, param: null, code: null });

describe("an input that is too long", () => {
  test.each([
    "The input token count (1200) exceeds the maximum number of tokens allowed (1000).",
    "prompt is too long: 1200 tokens > 1000 maximum",
    "This model's maximum context length is 1000 tokens. However, your messages resulted in 1200 tokens.",
    "Too many input tokens. Max tokens: 1000, request input token count: 1200",
  ])("is said in the client's words: %s", (message) => {
    expect(clientError("messages", error(message))).toEqual({
      message: "prompt is too long: 1200 tokens > 1000 maximum",
      type: "invalid_request_error",
      param: null,
      code: "context_length_exceeded",
    });
    expect(clientError("chat", error(message))).toMatchObject({
      message: expect.stringContaining(
        "maximum context length is 1000 tokens. However, your messages resulted in 1200",
      ),
      code: "context_length_exceeded",
    });
  });

  test("keeps its words if they have no numbers", () => {
    const said = clientError(
      "messages",
      error("Input is too long for requested model.", "ValidationException"),
    );
    expect(said).toMatchObject({
      message: "Input is too long for requested model.",
      type: "invalid_request_error",
      code: "context_length_exceeded",
    });
  });
});

test.each([
  ["INVALID_ARGUMENT", "invalid_request_error"],
  ["ValidationException", "invalid_request_error"],
  ["RESOURCE_EXHAUSTED", "rate_limit_error"],
  ["ThrottlingException", "rate_limit_error"],
  ["UNAVAILABLE", "overloaded_error"],
  ["INTERNAL", "server_error"],
  ["overloaded_error", "overloaded_error"],
  ["api_error", "api_error"],
])("an error of the type %s is a %s", (type, known) => {
  expect(clientError("chat", error("No.", type))).toMatchObject({ message: "No.", type: known });
});
