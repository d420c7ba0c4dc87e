import { describe, expect, test } from "vitest";
import { messageSent as message, chatSent as sent } from "#lib/translation/testing/converse/sent";
import { SIGNATURE } from "#lib/translation/testing/converse/strict";

const NOVA = "us.amazon.nova-pro-v1:0";
const NOVA_2 = "global.amazon.nova-2-lite-v1:0";
const GPT_OSS = "openai.gpt-oss-120b-1:0";
const CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

describe("reasoning", () => {
  test.each([
    [NOVA_2, "low", { reasoningConfig: { type: "enabled", maxReasoningEffort: "low" } }],
    [NOVA_2, "xhigh", { reasoningConfig: { type: "enabled", maxReasoningEffort: "high" } }],
    [NOVA_2, "none", undefined],
    [GPT_OSS, "minimal", { reasoning_effort: "low" }],
    [GPT_OSS, "none", { reasoning_effort: "low" }],
  ])("is asked of %s by %s effort", (model, reasoning_effort, expected) => {
    const { sent: body, dropped } = sent(model, { reasoning_effort });
    expect(body.additionalModelRequestFields).toEqual(expected);
    expect(dropped).toEqual([]);
  });

  test("of Nova is below high where a bound is sent, and else without sampling", () => {
    const bounded = sent(NOVA_2, { reasoning_effort: "high", max_tokens: 500, temperature: 0.5 });
    expect(bounded.sent).toMatchObject({
      inferenceConfig: { maxTokens: 500, temperature: 0.5 },
      additionalModelRequestFields: { reasoningConfig: { maxReasoningEffort: "medium" } },
    });
    const free = sent(NOVA_2, { reasoning_effort: "high", temperature: 0.5 });
    expect(free.sent.inferenceConfig).toEqual({});
    expect(free.dropped).toEqual(["temperature"]);
  });

  test("of Claude has a budget below the bound", () => {
    const { sent: body } = message(CLAUDE, {
      thinking: { type: "enabled", budget_tokens: 2_000 },
      temperature: 1,
    });
    expect(body).toMatchObject({
      inferenceConfig: { maxTokens: 9_000 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2_000 } },
    });
  });

  test("cannot be asked of others, which is named", () => {
    expect(sent("us.deepseek.r1-v1:0", { reasoning_effort: "low" }).dropped).toEqual(["reasoning_effort"]);
  });

  test("comes back with its maker's proof, and else is left out, since Bedrock refuses it", () => {
    const thinking = (signature: string) => ({
      messages: [
        { role: "user", content: "Hello!" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm.", signature },
            { type: "text", text: "Hi." },
          ],
        },
        { role: "user", content: "And?" },
      ],
    });
    const own = message(CLAUDE, thinking(SIGNATURE));
    expect(JSON.stringify(own.sent)).toContain(`{"reasoningText":{"text":"Hm.","signature":"${SIGNATURE}"}}`);
    for (const model of [NOVA, "us.deepseek.r1-v1:0", GPT_OSS]) {
      const other = message(model, thinking(SIGNATURE));
      expect(JSON.stringify(other.sent)).not.toContain("reasoningContent");
      expect(other.dropped).toEqual(["messages[1].content[0]"]);
    }
  });
});
