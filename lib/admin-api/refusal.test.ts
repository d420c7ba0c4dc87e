import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ApiError, errorBody } from "#lib/http/api-error";
import { forbidden, invalidField, notFound, ServiceError } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { refusalOf } from "./refusal";

const failing = (code: string, message = "from the database") => Object.assign(new Error(message), { code });
const wrapped = (cause: Error) => new Error("Failed query: insert …\nparams: secret", { cause });
const refusalOfInput = (schema: z.ZodType, input: unknown) => {
  try {
    parseInput(schema, input);
  } catch (error) {
    return refusalOf(error);
  }
  throw new Error("the input was taken");
};

describe("what a verb refuses", () => {
  test.each<[Error, number, string]>([
    [invalidField("name", "Give a name."), 400, "invalid_request"],
    [forbidden("Not you."), 403, "forbidden"],
    [notFound("user"), 404, "not_found"],
    [new ServiceError("conflict", "There is one already."), 409, "conflict"],
    [new ApiError("request_too_large", "Too large."), 413, "request_too_large"],
  ])("is answered with its own status: %s", (error, status, code) => {
    expect(refusalOf(error)).toMatchObject({ status, code });
  });

  test("names the field, and says what every field is about", () => {
    const schema = z.strictObject({
      name: z.string().min(1, "Give a name."),
      n: z.strictObject({ q: z.int() }),
    });
    expect(refusalOfInput(schema, { name: "", n: { q: 1.5 } })).toMatchObject({
      param: "name",
      message: expect.stringMatching(/^name: Give a name\. n\.q: .*int/),
    });
  });

  test("says what is missing", () => {
    const schema = z.strictObject({ name: z.string(), role: z.enum(["a"]) });
    expect(refusalOfInput(schema, {})?.message).toBe("name: This is required. role: This is required.");
  });

  test("names unknown fields, also within others, and cuts names that are too long", () => {
    const schema = z.strictObject({ n: z.strictObject({}) });
    const refusal = refusalOfInput(schema, { n: { deep: 1 }, nam: 1, constructor: 2, ["x".repeat(1000)]: 3 });
    expect(refusal).toMatchObject({ status: 400, param: "n.deep" });
    expect(refusal?.message).toContain(
      'Unknown field "n.deep". Unknown field "nam". Unknown field "constructor".',
    );
    expect(refusal?.message.length).toBeLessThan(300);
    expect(JSON.parse(errorBody(refusal ?? new ApiError("not_found", "")))).toEqual({
      error: expect.objectContaining({
        type: "invalid_request_error",
        code: "invalid_request",
        param: "n.deep",
      }),
    });
  });

  test("takes an unknown field called id for what it is", () => {
    expect(refusalOfInput(z.strictObject({}), { id: "x" })).toMatchObject({ status: 400, param: "id" });
  });
});

describe("what the database says", () => {
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
  ])("of being away or busy (%s) is a 503 that says to try again", (code) => {
    for (const error of [failing(code), wrapped(failing(code))]) {
      expect(refusalOf(error)).toMatchObject({
        status: 503,
        code: "service_unavailable",
        headers: { "retry-after": "1" },
      });
    }
  });

  test.each(["22021", "22P05", "22003", "22008"])("of a value it cannot keep (%s) is a 400", (code) => {
    expect(refusalOf(wrapped(failing(code, "contains: secret")))).toMatchObject({ status: 400 });
    expect(refusalOf(wrapped(failing(code, "contains: secret")))?.message).not.toContain("secret");
  });

  test("of anything else is an accident, as is every other error", () => {
    for (const error of [
      wrapped(failing("42P01")),
      failing("23505"),
      new TypeError("x"),
      "text",
      undefined,
    ]) {
      expect(refusalOf(error)).toBeNull();
    }
  });
});
