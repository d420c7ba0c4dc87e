import { describe, expect, test } from "vitest";
import { idWithSeal, type Seal, scopeOf, sealedEnvelope } from "./envelope";
import { CLIENTS } from "./registry";
import { PROVIDER_ID, sentBy } from "./testing/translate";

const OTHER_PROVIDER_ID = "00000000-0000-0000-0000-000000000002";
const DATA = "EqQBCkYIBxABGAIqQDkwOWU4";

/** By wire: a model with proofs of its own, and their maker. */
const WIRES = [
  { wire: "messages", model: "claude-sonnet-4-5", maker: "anthropic" },
  { wire: "converse", model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", maker: "anthropic" },
  { wire: "gemini", model: "gemini-3-flash", maker: "google" },
  { wire: "responses", model: "gpt-5.4", maker: "openai" },
] as const;

const user = { role: "user", content: "Go on." };

/** A conversation whose call has a proof of the reasoning before it, as each client returns it. */
const CONVERSATIONS: Readonly<Record<string, (seal: Seal) => object>> = {
  chat: (seal) => {
    const id = idWithSeal("call_1", seal);
    const called = { id, type: "function", function: { name: "f", arguments: "{}" } };
    return {
      messages: [
        user,
        { role: "assistant", content: null, tool_calls: [called] },
        { role: "tool", tool_call_id: id, content: "1" },
      ],
      tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }],
    };
  },
  messages: (seal) => ({
    max_tokens: 4_000,
    messages: [
      user,
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: sealedEnvelope(seal) },
          { type: "tool_use", id: "call_1", name: "f", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "1" }] },
    ],
    tools: [{ name: "f", input_schema: { type: "object", properties: {} } }],
  }),
  responses: (seal) => ({
    input: [
      user,
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: sealedEnvelope(seal) },
      { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: "1" },
    ],
    tools: [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }],
  }),
};

describe.each(WIRES)("the proof of reasoning on the wire $wire", ({ wire, model, maker }) => {
  test.each(CLIENTS.map(({ dialect }) => dialect.name).filter((dialect) => dialect !== wire))(
    "is sent for a client of %s if the provider's own credentials made it, and for no other's",
    (dialect) => {
      const sentWith = (seal: Seal) =>
        sentBy(dialect, wire, model, { model: "m", ...CONVERSATIONS[dialect]?.(seal) });
      const own = sentWith({ maker, scope: scopeOf(PROVIDER_ID), data: DATA });
      const other = sentWith({ maker, scope: scopeOf(OTHER_PROVIDER_ID), data: DATA });
      const second = sentWith({ maker, scope: scopeOf(PROVIDER_ID, "another"), data: DATA });
      expect(JSON.stringify(own.sent)).toContain(DATA);
      for (const foreign of [other, second]) {
        expect(JSON.stringify(foreign.sent)).not.toContain(DATA);
        expect(foreign.refused).toEqual([]);
        expect(foreign.dropped.length).toBeGreaterThan(own.dropped.length);
      }
    },
  );
});
