import { describe, expect, test } from "vitest";
import { compileRates } from "#lib/credit/prices/price";
import { DIALECTS } from "#lib/dialects/registry";
import { testRoute } from "#lib/gateway/testing/test-model";
import { isUnknown, usageIfWritten } from "./likely-input";

const rates = compileRates({ inputPerMtok: "4", cacheWritePerMtok: "5", outputPerMtok: "20" });
const TEXT = { type: "text", text: "Hi" };
const MARKED = { ...TEXT, cache_control: { type: "ephemeral" } };

/** Of 100 tokens of input, those that a sweep or a settlement without a report takes for written to a cache. */
function writtenOf(dialect: string, upstreamModel: string, part: object = TEXT) {
  const content = dialect === "responses" ? "Hi" : [part];
  const said = [{ role: "user", content }];
  const bodies = {
    chat: { messages: said },
    messages: { messages: said, max_tokens: 9 },
    responses: { input: said },
  };
  const body = Object.entries(bodies).find(([name]) => name === dialect)?.[1] ?? { prompt: "Hi" };
  const call = DIALECTS.find(({ name }) => name === dialect)?.parse(JSON.stringify({ model: "m", ...body }));
  if (call === undefined) throw new Error(`no dialect ${dialect}`);
  const input = { inputTokens: 100, audioTokens: 0 };
  return usageIfWritten(call, { ...testRoute(upstreamModel), rates }, input, 1).cacheWriteTokens;
}

describe("what is taken for written to a cache without a report", () => {
  test.each(["chat", "messages", "responses", "completions"])(
    "is all of the input at a model that writes unasked, or of which nothing is known: %s",
    (dialect) => {
      expect(writtenOf(dialect, "gpt-5.6-sol")).toBe(100);
      expect(writtenOf(dialect, "openai/gpt-5.6-sol")).toBe(100);
      expect(writtenOf(dialect, "house-model")).toBe(100);
    },
  );

  test.each(["claude-opus-5-5", "eu.anthropic.claude-sonnet-4-5", "anthropic/Claude-Opus-5.5"])(
    "is what a message marks, at %s",
    (upstreamModel) => {
      expect(writtenOf("messages", upstreamModel)).toBe(0);
      expect(writtenOf("messages", upstreamModel, MARKED)).toBe(100);
    },
  );
});

test("under a hard budget, only the report can tell the input of what is mostly encrypted", () => {
  const reasoning = { type: "reasoning", summary: [], encrypted_content: "gAAA".repeat(6_000) };
  const body = { model: "m", input: [reasoning, { role: "user", content: "Hi" }] };
  const call = DIALECTS.find(({ name }) => name === "responses")?.parse(JSON.stringify(body));
  if (call === undefined) throw new Error("no dialect");
  const given = { call, failOpen: false, routes: [testRoute("gpt-5.6-sol")] as const };
  expect(isUnknown({ ...given, hasBudget: true })).toBe(true);
  expect(isUnknown({ ...given, hasBudget: false })).toBe(false);
});
