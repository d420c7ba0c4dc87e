import { describe, expect, test } from "vitest";
import { parseMessages } from "./parse";
import { pastThinking } from "./past-thinking";

const refusal = (message: string) => ({ message, type: "invalid_request_error", param: null, code: null });

describe("an error refuses the thinking of earlier turns", () => {
  test.each([
    "messages.1.content.0: Invalid `signature` in `thinking` block",
    "messages.3.content.2: Invalid `data` in `redacted_thinking` block",
    "Invalid signature in thinking block",
    "messages.1.content.0.thinking.signature: Field required",
    "messages.5.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.",
    "messages.3.content.10: When providing `thinking` or `redacted_thinking` blocks, the blocks must match the parameters during the original request.",
  ])("%s", (message) => {
    expect(pastThinking.isRefused(refusal(message))).toBe(true);
  });

  test.each([
    "max_tokens: must be greater than `thinking.budget_tokens`",
    "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`.",
    "thinking.type: adaptive is not supported by this model",
    "messages.0.content.0.image.source: Invalid signature",
  ])("not: %s", (message) => {
    expect(pastThinking.isRefused(refusal(message))).toBe(false);
  });
});

const SIGNED = '{"type" : "thinking","thinking":"a, ]} \\u00e9","signature":"c2ln"}';
const REDACTED = '{"type":"redacted_thinking","data":"ZGF0YQ=="}';
const TEXT = '{ "type":"text", "text":"\\u0041, [" }';
const CALL = '{"type":"tool_use","id":"t1","name":"run","input":{"n":9007199254740993 , "type":"thinking"}}';
const RESULT = '{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"thinking"}]}';

const user = (content: string) => `{"role":"user","content":${content}}`;
const assistant = (...blocks: string[]) => `{ "content": [${blocks.join(" , ")}] , "role":"assistant"}`;
const bodyWith = (fields: string, ...messages: string[]) =>
  `{ "model":"m",\n"max_tokens":2e3,${fields}"messages" :[ ${messages.join(",\n")}],"stream":true }`;
const leftOf = (body: string) => pastThinking.leaveOut(parseMessages(body));
const ENABLED = '"thinking":{"type":"enabled","budget_tokens":1024},';

describe("what is left of a body", () => {
  test("is each byte of it but for the blocks of thinking", () => {
    const turns = (...content: string[]) =>
      bodyWith("", user('"Hi"'), assistant(...content), user('"Go on"'));
    expect(leftOf(turns(SIGNED, TEXT, REDACTED, CALL))).toEqual({
      json: turns(TEXT, CALL),
      dropped: ["messages[1].content[0]", "messages[1].content[2]"],
    });
    expect(leftOf(turns(TEXT, SIGNED))).toEqual({ json: turns(TEXT), dropped: ["messages[1].content[1]"] });
  });

  test("has no message of thinking alone", () => {
    const before = bodyWith("", user('"Hi"'), assistant(SIGNED, REDACTED), user('"Go on"'));
    expect(leftOf(before)).toEqual({
      json: bodyWith("", user('"Hi"'), user('"Go on"')),
      dropped: ["messages[1]"],
    });
  });

  test("has no thinking within the calls of a turn, which would have to begin with it", () => {
    const results = [user(`[${RESULT}]`), '{"role":"system","content":"x"}'];
    const within = (fields: string, ...first: string[]) =>
      bodyWith(fields, user('"Hi"'), assistant(...first, CALL), ...results);
    expect(leftOf(within(ENABLED, SIGNED))).toEqual({
      json: within(""),
      dropped: ["messages[1].content[0]", "thinking"],
    });
    const clearing = '"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]}, ';
    expect(leftOf(within(ENABLED + clearing, SIGNED))?.dropped).toEqual([
      "messages[1].content[0]",
      "thinking",
      "context_management",
    ]);
  });

  test.each([
    ["in a new turn", ENABLED, '"Go on"'],
    ["if the model decides", '"thinking":{"type":"adaptive"},', `[${RESULT}]`],
    ["if it is off", '"thinking":{"type":"disabled"},', `[${RESULT}]`],
  ])("still asks for thinking %s", (_, fields, last) => {
    const body = (...blocks: string[]) => bodyWith(fields, user('"Hi"'), assistant(...blocks), user(last));
    expect(leftOf(body(SIGNED, CALL))?.json).toBe(body(CALL));
  });

  test("is nothing to send without thinking, or with nothing but thinking", () => {
    expect(leftOf(bodyWith(ENABLED, user('"thinking"'), assistant(CALL), user(`[${RESULT}]`)))).toBeNull();
    expect(leftOf(bodyWith("", assistant(SIGNED)))).toBeNull();
  });
});
