import { describe, expect, test } from "vitest";
import { reportedError } from "./reported-error";

/** The shapes of errors are tested through the gateway (errors-in-a-200.db.test.ts). */
describe("reportedError", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["an empty text", " "],
    ["a number", 5],
    ["an empty list", []],
    ["an empty object", {}],
    ["no error: null", { error: null }],
    ["no error: false", { error: false }],
    ["no error: an empty text", { error: "" }],
    ["no error: an empty object", { error: {} }],
    ["no error: an object of nothing", { error: { message: "", code: null } }],
    ["no errors", { errors: [] }],
    ["a success", { success: true, status: "success", code: 0, message: "ok" }],
    ["MiniMax's success", { base_resp: { status_code: 0, status_msg: "" } }],
    ["Baidu's success", { error_code: 0, error_msg: "" }],
    ["Tencent's success", { Response: { TotalCount: 0, RequestId: "r" } }],
    ["a success of 20000", { code: 20_000, message: "OK", data: { status: true } }],
    ["a success in a header", { header: { code: 0, message: "Success", sid: "s", status: 0 } }],
    ["an answer in another dialect", { data: { message: "Hi" }, output: { text: "Hello" } }],
    ["a ping", { type: "ping" }],
    ["a notice of a queue", { status: "queued", message: "Position 3" }],
    ["a notice of progress", { type: "info", message: "Warming up" }],
    ["a message of another dialect", { message: { role: "assistant", content: "Hi" }, done: false }],
    ["a usage alone", { id: "c", usage: { prompt_tokens: 1, completion_tokens: 1 } }],
  ])("is null for %s", (_, body) => {
    expect(reportedError(body, false)).toBeNull();
  });

  test.each<[string, object, object]>([
    ["Tencent", { Response: { Error: { Code: "X" } } }, { Error: { Code: "X" } }],
    ["a proxy", { data: { result: { error: "x" } } }, { error: "x" }],
  ])("is what the error is wrapped in: %s", (_, body, expected) => {
    expect(reportedError(body, false)).toEqual(expected);
    expect(reportedError({ ...body, choices: [] }, true)).toBeNull();
  });

  test("is not searched for without an end", () => {
    let body: object = { error: "x" };
    for (let layer = 0; layer < 1_000; layer++) body = { data: body };
    expect(reportedError(body, false)).toBeNull();
  });

  test.each(["status", "type", "event", "code", "ok"])(
    "reads no object with names of methods as a state: %s",
    (name) => {
      const odd = { toString: 1, valueOf: null };
      expect(reportedError({ [name]: odd, message: "Overloaded" }, false)).not.toBeNull();
      expect(reportedError({ [name]: odd }, false)).toBeNull();
    },
  );

  test("is the words of a text", () => {
    expect(reportedError("Overloaded", false)).toEqual({ message: "Overloaded" });
  });

  test.each<[string, object]>([
    ["words", { message: "done" }],
    ["details", { detail: "x" }],
    ["an exception", { exception: "x" }],
    ["a status", { status: 500, title: "x" }],
  ])("is null for %s beside an answer", (_, body) => {
    expect(reportedError(body, true)).toBeNull();
    expect(reportedError(body, false)).toEqual(body);
  });

  test.each<[string, object]>([
    ["an error", { error: { message: "no" }, choices: [] }],
    ["a failed status", { status: "failed", choices: [] }],
    ["a code of MiniMax", { base_resp: { status_code: 1000 }, choices: [] }],
  ])("is the body for %s beside an answer", (_, body) => {
    expect(reportedError(body, true)).toEqual(body);
  });
});
