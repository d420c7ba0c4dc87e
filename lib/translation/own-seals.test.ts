import { describe, expect, test } from "vitest";
import { blocksOf } from "#lib/dialects/messages/content";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { idWithSeal, type Seal, scopeOf, sealedEnvelope } from "./envelope";
import { converseFault } from "./testing/converse/strict";
import { messagesFault, SIGNATURE } from "./testing/messages/strict";
import { PROVIDER_ID, sentBy } from "./testing/translate";

const OWN: Seal = { maker: "anthropic", scope: scopeOf(PROVIDER_ID), data: SIGNATURE };
const OTHERS: Seal = { ...OWN, scope: "AAAAAAAA" };
const GOOGLES: Seal = { maker: "google", scope: scopeOf(PROVIDER_ID), data: "c2ln" };

const hello = { role: "user", content: "Hello" };
const called = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const result = (id: string) => ({ role: "tool", tool_call_id: id, content: "1" });

/** How a client may return an answer of thoughts, text and a call. */
const FORMS: Readonly<Record<string, (seal: Seal) => readonly [answer: object, id: string, at: string]>> = {
  "in the ids of calls alone": (seal) => {
    const id = idWithSeal("a", seal);
    const answer = { role: "assistant", content: "I look.", tool_calls: [called(id)] };
    return [answer, id, "messages[1].tool_calls[0].id"];
  },
  "in its details": (seal) => {
    const details = [{ type: "reasoning.encrypted", data: sealedEnvelope(seal) }];
    const answer = {
      role: "assistant",
      content: "I look.",
      reasoning_content: "Hm.",
      reasoning_details: details,
      tool_calls: [called("a")],
    };
    return [answer, "a", "messages[1].reasoning_details[0]"];
  },
};

const WIRES = [
  ["messages", "claude-sonnet-4-5"],
  ["converse", "us.anthropic.claude-haiku-4-5-20251001-v1:0"],
] as const;
const CASES = WIRES.flatMap(([wire, model]) =>
  Object.keys(FORMS).map((form) => [wire, model, form] as const),
);

function sent(wire: string, model: string, messages: readonly object[]) {
  const asked = {
    max_tokens: 4_000,
    reasoning_effort: "high",
    tools: [{ type: "function", function: { name: "f" } }],
  };
  const { sent: body, dropped } = sentBy("chat", wire, model, { model: "m", ...asked, messages });
  expect(wire === "messages" ? messagesFault(body) : converseFault(model, body)).toBeNull();
  return { body, dropped, thinks: JSON.stringify(body).includes('"budget_tokens"') };
}

/** What the answer in a body is made of. */
function kindsOf({ messages }: JsonObject): readonly unknown[] {
  const answers = Array.isArray(messages) ? messages.filter(isObject) : [];
  const answer = answers.find(({ role }) => role === "assistant");
  return blocksOf(answer).map((block) => {
    const { type, ...rest } = isObject(block) ? block : {};
    return type ?? Object.keys(rest)[0];
  });
}

describe("Claude with a budget goes on within a turn of tools", () => {
  test.each(CASES)("by %s to %s with its own thoughts first: %s", (wire, model, form) => {
    const [answer, id] = FORMS[form]?.(OWN) ?? [{}, ""];
    const { body, dropped, thinks } = sent(wire, model, [hello, answer, result(id)]);
    expect(thinks).toBe(true);
    expect(dropped).toEqual([]);
    expect(kindsOf(body)).toEqual(
      wire === "messages" ? ["thinking", "text", "tool_use"] : ["reasoningContent", "text", "toolUse"],
    );
  });

  test.each(CASES)(
    "by %s to %s without thinking where they are another's, which is named: %s",
    (wire, model, form) => {
      for (const seal of [OTHERS, GOOGLES]) {
        const [answer, id, at] = FORMS[form]?.(seal) ?? [{}, "", ""];
        const { dropped, thinks } = sent(wire, model, [hello, answer, result(id)]);
        expect(thinks).toBe(false);
        expect(dropped).toEqual([at, "reasoning_effort"]);
      }
    },
  );

  test.each(WIRES)("by %s to %s where it has thought once, and called tools twice", (wire, model) => {
    const [answer, id] = FORMS["in its details"]?.(OWN) ?? [{}, ""];
    const again = { role: "assistant", content: null, tool_calls: [called("b")] };
    const { thinks } = sent(wire, model, [hello, answer, result(id), again, result("b")]);
    expect(thinks).toBe(true);
  });
});

test.each(WIRES)("by %s, %s thinks in a new turn, whatever is left out before it", (wire, model) => {
  const [answer, id] = FORMS["in its details"]?.(OTHERS) ?? [{}, ""];
  const done = { role: "assistant", content: "Done." };
  expect(sent(wire, model, [hello, answer, result(id), done, hello]).thinks).toBe(true);
});

test("a model that decides how much to think goes on thinking", () => {
  const [answer, id] = FORMS["in its details"]?.(OTHERS) ?? [{}, ""];
  const { body, dropped } = sent("messages", "claude-opus-4-6", [hello, answer, result(id)]);
  expect(body).toMatchObject({ thinking: { type: "adaptive" } });
  expect(dropped).toEqual(["messages[1].reasoning_details[0]"]);
});
