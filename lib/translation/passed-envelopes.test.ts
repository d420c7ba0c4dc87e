import { describe, expect, test } from "vitest";
import { messagesFault, SIGNATURE } from "#lib/translation/testing/messages/strict";
import { hasEnvelopes, withoutEnvelopes } from "./passed-envelopes";

const SCOPE = "AAAAAAAA";
const passed = (dialect: string, body: object) => {
  const { body: json, dropped } = withoutEnvelopes(JSON.stringify(body), dialect, SCOPE);
  return { body: JSON.parse(json), dropped };
};
const thinking = (signature: string) => ({ type: "thinking", thinking: "Hm.", signature });

test("an envelope of the provider's own is opened", () => {
  const content = [thinking(`tg1.anthropic.${SCOPE}.EqQB`), { type: "text", text: "Hi" }];
  expect(passed("messages", { messages: [{ role: "assistant", content }] })).toEqual({
    body: { messages: [{ role: "assistant", content: [thinking("EqQB"), { type: "text", text: "Hi" }] }] },
    dropped: [],
  });
  const redacted = { type: "redacted_thinking", data: `tg1.anthropic.${SCOPE}.r.b3Bh` };
  expect(passed("messages", { messages: [{ content: [redacted] }] }).body).toEqual({
    messages: [{ content: [{ type: "redacted_thinking", data: "b3Bh" }] }],
  });
});

test.each(["tg1.google.AAAAAAAA.c2ln", "tg1.anthropic.BBBBBBBB.EqQB"])(
  "the reasoning in another's is left out: %s",
  (signature) => {
    const content = [thinking(signature), { type: "text", text: "Hi" }];
    expect(passed("messages", { messages: [{ role: "assistant", content }] })).toEqual({
      body: { messages: [{ role: "assistant", content: [{ type: "text", text: "Hi" }] }] },
      dropped: ["messages[0].content[0]"],
    });
    const item = { type: "reasoning", summary: [], encrypted_content: signature };
    expect(passed("responses", { input: [item, { type: "message" }] })).toEqual({
      body: { input: [{ type: "message" }] },
      dropped: ["input[0]"],
    });
  },
);

describe("a turn of tools", () => {
  const OWN = `tg1.anthropic.${SCOPE}.${SIGNATURE}`;
  const CLEARING = { edits: [{ type: "clear_thinking_20251015", keep: "all" }] };
  const answer = (id: string, ...before: object[]) => ({
    role: "assistant",
    content: [...before, { type: "tool_use", id, name: "f", input: {} }],
  });
  const result = (id: string) => ({
    role: "user",
    content: [{ type: "tool_result", tool_use_id: id, content: "1" }],
  });
  const goingOn = (asked: object, ...messages: object[]) => {
    const { body, dropped } = passed("messages", {
      model: "claude-haiku-4-5",
      max_tokens: 4_000,
      tools: [{ name: "f", input_schema: { type: "object" } }],
      ...asked,
      messages: [{ role: "user", content: "Hi" }, ...messages],
    });
    return { body, dropped, fault: messagesFault(body) };
  };
  const budget = { thinking: { type: "enabled", budget_tokens: 1_024 } };
  const adaptive = { thinking: { type: "adaptive" } };

  test.each(["tg1.google.AAAAAAAA.c2ln", "tg1.anthropic.BBBBBBBB.EqQB"])(
    "that loses the thinking that it began with has no more, which is named: %s",
    (signature) => {
      const foreign = answer("a", { type: "text", text: "Hm." }, thinking(signature));
      const { body, dropped, fault } = goingOn(budget, foreign, result("a"));
      expect(fault).toBeNull();
      expect(body).not.toHaveProperty("thinking");
      expect(dropped).toEqual(["messages[1].content[1]", "thinking"]);
      expect(
        goingOn({ ...budget, context_management: CLEARING }, foreign, result("a")).dropped.slice(1),
      ).toEqual(["thinking", "context_management"]);
    },
  );

  test("is as it was asked where the model decides, in a new turn, and where the model's own has begun it", () => {
    const foreign = answer("a", thinking("tg1.google.AAAAAAAA.c2ln"));
    const own = answer("b", thinking(OWN));
    const go = { role: "user", content: "Go on" };
    const done = { role: "assistant", content: [{ type: "text", text: "Done." }] };
    for (const [asked, ...messages] of [
      [adaptive, foreign, result("a")],
      [budget, foreign, result("a"), done, go],
      [budget, foreign, result("a"), done, go, own, result("b")],
      [budget, foreign, result("a"), done, go, own, result("b"), answer("c"), result("c")],
    ] as const) {
      const { body, dropped, fault } = goingOn(asked, ...messages);
      expect({ fault, dropped, thinking: body.thinking }).toEqual({
        fault: null,
        dropped: ["messages[1].content[0]"],
        ...asked,
      });
    }
  });
});

test("ids of calls and results are as the model made them", () => {
  const id = "call_1~tg1.google.AAAAAAAA.c2ln";
  const details = [{ type: "reasoning.encrypted", data: "tg1.google.AAAAAAAA.c2ln" }];
  const messages = [
    { role: "assistant", tool_calls: [{ id, type: "function" }], reasoning_details: details },
    { role: "tool", tool_call_id: id, content: "tg1. is no token here" },
  ];
  expect(passed("chat", { messages }).body).toEqual({
    messages: [
      { role: "assistant", tool_calls: [{ id: "call_1", type: "function" }], reasoning_details: [] },
      { role: "tool", tool_call_id: "call_1", content: "tg1. is no token here" },
    ],
  });
});

test("most conversations have none", () => {
  expect(hasEnvelopes({ json: '{"messages":[]}' })).toBe(false);
});
