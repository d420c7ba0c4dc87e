import { expect, test } from "vitest";
import { ApiError, errorBody } from "./api-error";

test("a message that quotes the client is one line without control characters", () => {
  const named = 'a\nb\r\tc\u001b[31m\u0000\u007f\u009b\u2028\u2029é"\\';
  const { message } = new ApiError("model_not_found", `The model '${named}' does not exist here.`);
  expect(message).toBe(
    String.raw`The model 'a\nb\r\tc\u001b[31m\u0000\u007f\u009b\u2028\u2029é"\' does not exist here.`,
  );
});

test("the body has OpenAI's shape", () => {
  expect(JSON.parse(errorBody(new ApiError("conflict", "Taken.", { param: "name" })))).toEqual({
    error: { message: "Taken.", type: "invalid_request_error", param: "name", code: "conflict" },
  });
});
