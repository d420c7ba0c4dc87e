import { expect, test } from "vitest";
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
