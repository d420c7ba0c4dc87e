import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Edits } from "#lib/dialects/dialect";
import { NO_EDITS } from "#lib/dialects/testing/edits";
import { messages } from "./dialect";
import { bodyWith, user } from "./testing/parse";

const sentText = (json: string, edits: Partial<Edits>) =>
  messages.edit(messages.parse(json), { ...NO_EDITS, ...edits });
const sent = (fields: object, edits: Partial<Edits>): unknown =>
  JSON.parse(sentText(bodyWith(fields), edits));
const lowered = (fields: object, outputLimitTokens: number) => sent(fields, { outputLimitTokens });

describe("what goes upstream", () => {
  test.each([
    '{ "model":"m","max_tokens":1e2 ,"messages":[{"role":"user","content":"\\u0041\\/ 9007199254740993"}],"top_k":0}',
    bodyWith({
      messages: [
        user,
        { role: "assistant", content: [{ type: "thinking", thinking: "a", signature: "E\u00e9/+==" }] },
      ],
    }),
  ])("is the client's text byte for byte but for the model: %s", (json) => {
    expect(sentText(json, {})).toBe(json);
    expect(sentText(json, { upstreamModel: "claude" })).toBe(json.replace('"m"', '"claude"'));
  });

  test("has the bound that is held, and no other", () => {
    expect(lowered({ max_output_tokens: 100 }, 20)).toEqual({ model: "m", max_tokens: 20, messages: [user] });
  });

  test("lowers a budget for thinking with the bound, and nothing else of it", () => {
    const thinking = { type: "enabled", budget_tokens: 31_999, display: "updates" };
    const body = { max_tokens: 32_000, thinking };
    expect(lowered(body, 8_000)).toMatchObject({
      max_tokens: 8_000,
      thinking: { ...thinking, budget_tokens: 7_999 },
    });
    expect(lowered(body, 32_000)).toMatchObject(body);
    expect(lowered({ ...body, thinking: { ...thinking, budget_tokens: 2_000 } }, 8_000)).toMatchObject({
      thinking: { budget_tokens: 2_000 },
    });
  });

  test("leaves a budget above the bound, as interleaved thinking has it, while the bound is the client's", () => {
    const body = { max_tokens: 4_000, thinking: { type: "enabled", budget_tokens: 16_000 } };
    expect(lowered(body, 4_000)).toMatchObject(body);
    expect(lowered(body, 3_000)).toMatchObject({ thinking: { budget_tokens: 2_999 } });
  });

  test("leaves thinking out if no budget fits, with the edits that need it", () => {
    const edits = (type: string) => ({ context_management: { edits: [{ type }] } });
    const body = { max_tokens: 32_000, thinking: { type: "enabled", budget_tokens: 31_999 } };
    expect(lowered({ ...body, ...edits("clear_thinking_20251015") }, 1_024)).toEqual({
      model: "m",
      max_tokens: 1_024,
      messages: [user],
    });
    expect(lowered({ ...body, ...edits("clear_tool_uses_20250919") }, 500)).toMatchObject(
      edits("clear_tool_uses_20250919"),
    );
    expect(lowered(body, 1_025)).toMatchObject({ thinking: { budget_tokens: 1_024 } });
  });

  test("never has a budget that a lowered bound does not cover, nor one below the least", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_025, max: 128_000 }),
        fc.nat(128_000),
        fc.integer({ min: 16 }),
        (max, budget, limit) => {
          fc.pre(limit < max && budget >= 1_024);
          const body: { max_tokens?: number; thinking?: { budget_tokens: number } } = JSON.parse(
            sentText(bodyWith({ max_tokens: max, thinking: { type: "enabled", budget_tokens: budget } }), {
              outputLimitTokens: limit,
            }),
          );
          expect(body.max_tokens).toBe(limit);
          const sentBudget = body.thinking?.budget_tokens ?? 1_024;
          expect(sentBudget).toBeGreaterThanOrEqual(1_024);
          if (body.thinking !== undefined) expect(sentBudget).toBeLessThan(limit);
          expect(sentBudget).toBeLessThanOrEqual(Math.max(budget, 1_024));
        },
      ),
    );
  });

  test.each([{ type: "adaptive" }, { type: "disabled" }])(
    "keeps thinking without a budget: %j",
    (thinking) => {
      expect(lowered({ thinking }, 20)).toMatchObject({ thinking });
    },
  );
});
