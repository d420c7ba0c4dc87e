import { describe, expect, test } from "vitest";
import { parseResponses } from "./parse";
import { pastItems } from "./past-reasoning";

describe("an error refuses the reasoning of earlier turns", () => {
  test.each([
    ["by its code", "invalid_encrypted_content", "It could not be verified."],
    ["by its words", null, "The encrypted content gAAA...DQ== could not be verified."],
    [
      "by its words with a reason",
      "invalid_request_error",
      "The encrypted content for item rs_1 could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
    ],
  ])("%s", (_, code, message) => {
    expect(pastItems.isRefused({ message, type: "invalid_request_error", param: null, code })).toBe(true);
  });

  test.each([
    "Encrypted content is not supported with this model.",
    "Your organization must be verified to generate reasoning summaries.",
  ])("not: %s", (message) => {
    expect(pastItems.isRefused({ message, type: "invalid_request_error", param: null, code: null })).toBe(
      false,
    );
  });
});

const REASONING = '{ "type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA=="}';
const CALL =
  '{"type":"function_call","call_id":"c1","name":"run","arguments":"{\\"type\\":\\"reasoning\\"}"}';
const RESULT = '{"type":"function_call_output" , "call_id":"c1","output":"\\u0041"}';
const bodyWith = (...items: string[]) =>
  `{ "model":"m" ,"input":[ ${items.join(",")} ],\n"include":["reasoning.encrypted_content"], "store":false}`;
const leftOf = (body: string) => pastItems.leaveOut(parseResponses(body));

describe("what is left of a body", () => {
  test("is each byte of it but for the items of reasoning", () => {
    expect(leftOf(bodyWith(REASONING, CALL, RESULT, REASONING))).toEqual({
      json: bodyWith(CALL, RESULT),
      dropped: ["input[0]", "input[3]"],
    });
  });

  test("is nothing to send without reasoning, or with nothing else", () => {
    expect(leftOf(bodyWith(CALL, RESULT))).toBeNull();
    expect(leftOf(bodyWith(REASONING))).toBeNull();
    expect(leftOf('{"model":"m","input":"reasoning"}')).toBeNull();
  });
});
