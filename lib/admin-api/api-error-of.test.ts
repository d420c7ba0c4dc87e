import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ApiError, errorBody } from "#lib/http/api-error";
import { forbidden, invalidField, notFound, ServiceError } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { apiErrorOf } from "./api-error-of";

const failing = (code: string, message = "from the database") => Object.assign(new Error(message), { code });
const wrapped = (cause: Error) => new Error("Failed query: insert …\nparams: secret", { cause });
const errorOfInput = (schema: z.ZodType, input: unknown) => {
  try {
    parseInput(schema, input);
  } catch (error) {
    return apiErrorOf(error);
  }
  throw new Error("the input was accepted");
};

describe("an error of a verb", () => {
  test.each<[Error, number, string]>([
    [invalidField("name", "Enter a name."), 400, "invalid_request"],
    [forbidden("Not you."), 403, "forbidden"],
    [notFound("user"), 404, "not_found"],
    [new ServiceError("conflict", "Already exists."), 409, "conflict"],
    [new ApiError("request_too_large", "Too large."), 413, "request_too_large"],
  ])("has its own status: %s", (error, status, code) => {
    expect(apiErrorOf(error)).toMatchObject({ status, code });
  });

  test("names the first field and has the messages of all", () => {
    const schema = z.strictObject({
      name: z.string().min(1, "Enter a name."),
      n: z.strictObject({ q: z.int() }),
    });
    expect(errorOfInput(schema, { name: "", n: { q: 1.5 } })).toMatchObject({
      param: "name",
      message: "name: Enter a name. n.q: Must be a whole number.",
    });
  });

  test("names missing fields", () => {
    const schema = z.strictObject({ name: z.string(), role: z.enum(["a"]) });
    expect(errorOfInput(schema, {})?.message).toBe("name: This is required. role: This is required.");
  });

  test("names unknown fields, also nested ones, and shortens long names", () => {
    const schema = z.strictObject({ n: z.strictObject({}) });
    const error = errorOfInput(schema, { n: { deep: 1 }, nam: 1, constructor: 2, ["x".repeat(1000)]: 3 });
    expect(error).toMatchObject({ status: 400, param: "n.deep" });
    expect(error?.message).toContain(
      'Unknown field "n.deep". Unknown field "nam". Unknown field "constructor".',
    );
    expect(error?.message.length).toBeLessThan(300);
    expect(JSON.parse(errorBody(error ?? new ApiError("not_found", "")))).toEqual({
      error: expect.objectContaining({
        type: "invalid_request_error",
        code: "invalid_request",
        param: "n.deep",
      }),
    });
  });

  test("treats an unknown field called id as an unknown field", () => {
    expect(errorOfInput(z.strictObject({}), { id: "x" })).toMatchObject({ status: 400, param: "id" });
  });
});

describe("an error of the database", () => {
  test.each([
    "ECONNREFUSED",
    "CONNECTION_CLOSED",
    "CONNECT_TIMEOUT",
    "57P01",
    "57P03",
    "53300",
    "57014",
    "55P03",
    "40P01",
  ])("is a 503 to retry while it is unavailable or busy (%s)", (code) => {
    for (const error of [failing(code), wrapped(failing(code))]) {
      expect(apiErrorOf(error)).toMatchObject({
        status: 503,
        code: "service_unavailable",
        headers: { "retry-after": "1" },
      });
    }
  });

  test.each(["22021", "22P05", "22003", "22008"])(
    "is a 400 for a value that it cannot store (%s)",
    (code) => {
      expect(apiErrorOf(wrapped(failing(code, "contains: secret")))).toMatchObject({ status: 400 });
      expect(apiErrorOf(wrapped(failing(code, "contains: secret")))?.message).not.toContain("secret");
    },
  );

  test("is unexpected in all other cases, like every other error", () => {
    for (const error of [
      wrapped(failing("42P01")),
      failing("23505"),
      new TypeError("x"),
      "text",
      undefined,
    ]) {
      expect(apiErrorOf(error)).toBeNull();
    }
  });
});
