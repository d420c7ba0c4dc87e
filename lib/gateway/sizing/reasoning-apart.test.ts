import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLimits } from "#lib/dialects/bounds/read-limits";
import { topLevelFields } from "#lib/dialects/text/json-fields";
import type { Route } from "#lib/gateway/routing/routing";
import { testRoute } from "#lib/gateway/testing/test-model";
import { tokensBeyondBound } from "./beyond-bound";

const DASHSCOPE = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1";
const SILICONFLOW = "https://api.siliconflow.cn/v1";
const VOLCENGINE = "https://ark.cn-beijing.volces.com/api/v3";
const LKEAP = "https://api.lkeap.cloud.tencent.com/v1";
const OPENROUTER = "https://openrouter.ai/api/v1";
const LITELLM = "http://litellm:4000";
const XAI = "https://api.x.ai/v1";
const OWN = "http://127.0.0.1:8000/v1";
const MOST = 81_920;

function routeTo(baseUrl: string, upstreamModel: string): Route {
  const route = testRoute(upstreamModel);
  return { ...route, target: { ...route.target, baseUrl } };
}

function held(body: object, ...routes: Route[]): number {
  const json = JSON.stringify({ model: "m", max_tokens: 16, ...body });
  const { predictedTexts, reasoning } = readLimits(json, topLevelFields(json), () => false);
  return tokensBeyondBound({ predictedTexts, reasoning }, 16, routes);
}

describe("what a plain request holds for reasoning at a provider that does not count it within the bound", () => {
  test.each([
    [DASHSCOPE, "qwq-plus", MOST],
    [DASHSCOPE, "qwen3-32b", MOST],
    [DASHSCOPE, "qwen3.5-plus", MOST],
    [DASHSCOPE, "qwen9-plus", MOST],
    [DASHSCOPE, "qwen3-235b-a22b-thinking-2507", MOST],
    [DASHSCOPE, "deepseek-r1-0528-qwen3-8b", MOST],
    [DASHSCOPE, "deepseek-r1-distill-llama-70b", MOST],
    [DASHSCOPE, "deepseek-v3.2", MOST],
    [DASHSCOPE, "deepseek-v4-pro", 393_216],
    [DASHSCOPE, "glm-4.6", MOST],
    [DASHSCOPE, "MiniMax-M2.1", MOST],
    [DASHSCOPE, "kimi-k2.5", MOST],
    [DASHSCOPE, "a-model-of-next-year", MOST],
    [DASHSCOPE, "qwen3-30b-a3b-instruct-2507", 0],
    [DASHSCOPE, "qwen3-coder-plus", 0],
    [DASHSCOPE, "qwen-max", 0],
    [DASHSCOPE, "qwen-plus", 0],
    [DASHSCOPE, "qwen-plus-2025-01-25", 0],
    [DASHSCOPE, "qwen-turbo-1101", 0],
    [DASHSCOPE, "qwen2.5-72b-instruct", 0],
    [DASHSCOPE, "deepseek-v3", 0],
    [DASHSCOPE, "llama3.3-70b-instruct", 0],
    [XAI, "grok-4.3", MOST],
    [XAI, "grok-3-mini-fast", MOST],
    [XAI, "latest", MOST],
    [OPENROUTER, "x-ai/grok-4", MOST],
    [LITELLM, "xai/grok-4-1-fast-reasoning", MOST],
    [XAI, "grok-4-1-fast-non-reasoning", 0],
    [XAI, "grok-3", 0],
    [XAI, "grok-2-1212", 0],
    ["https://not-x.ai.example/v1", "m", 0],
    [SILICONFLOW, "Pro/zai-org/GLM-4.7", MOST],
    [SILICONFLOW, "THUDM/GLM-Z1-32B-0414", MOST],
    [SILICONFLOW, "MiniMaxAI/MiniMax-M1-80k", MOST],
    [SILICONFLOW, "tencent/Hunyuan-A13B-Instruct", MOST],
    [SILICONFLOW, "ByteDance-Seed/Seed-OSS-36B-Instruct", MOST],
    [SILICONFLOW, "THUDM/GLM-4-9B-0414", 0],
    [SILICONFLOW, "Qwen/Qwen2.5-Coder-32B-Instruct", 0],
    [SILICONFLOW, "moonshotai/Kimi-K2-Instruct-0905", 0],
    [VOLCENGINE, "doubao-seed-1-6-251015", MOST],
    [VOLCENGINE, "doubao-seed-2-0-pro-260215", 262_144],
    [VOLCENGINE, "ep-20250101-abcde", 262_144],
    [VOLCENGINE, "deepseek-v3-1-250821", MOST],
    [VOLCENGINE, "glm-4-7-251222", MOST],
    [VOLCENGINE, "deepseek-v3-250324", 0],
    [VOLCENGINE, "doubao-1-5-pro-256k-250115", 0],
    [LKEAP, "deepseek-r1", MOST],
    [LKEAP, "deepseek-v3-0324", 0],
    [OPENROUTER, "qwen/qwen3-32b", MOST],
    [OPENROUTER, "qwen/qwen-2.5-72b-instruct", 0],
    ["https://ai-gateway.vercel.sh/v1", "alibaba/qwen-3-32b", MOST],
    [LITELLM, "dashscope/qwen3-32b", MOST],
    [LITELLM, "dashscope/glm-4.6", MOST],
    [LITELLM, "openai/siliconflow/deepseek-r1", MOST],
    [LITELLM, "alibaba/qwen3.5-plus", MOST],
    [LITELLM, "volcengine/doubao-seed-1.6-thinking", MOST],
    // Here it counts within the bound.
    [OWN, "qwen3-32b", 0],
    [OWN, "Qwen/Qwen3-32B", 0],
    ["https://api.openai.com/v1", "o3", 0],
  ])("%s, %s", (baseUrl, model, tokens) => {
    expect(held({}, testRoute(), routeTo(baseUrl, model))).toBe(tokens);
  });

  test("nothing where the provider's name for the bound counts reasoning, as at Volcengine", () => {
    const route = routeTo(VOLCENGINE, "doubao-seed-1-6-251015");
    expect(held({}, { ...route, wire: { ...route.wire, outputLimitField: "max_completion_tokens" } })).toBe(
      0,
    );
  });
});

describe("what the provider does not read, or the model does not honour, changes nothing", () => {
  test.each<[object, string, string]>([
    // The rows of the attack.
    [{ reasoning_tokens: 1 }, LITELLM, "dashscope/qwq-plus"],
    [{ budget_tokens: 1 }, LITELLM, "dashscope/qwq-plus"],
    [{ thinking: { type: "enabled", budget_tokens: 1 } }, LITELLM, "dashscope/qwq-plus"],
    [{ foo: { enable_thinking: false } }, LITELLM, "dashscope/qwq-plus"],
    [{ enable_thinking: false }, LITELLM, "dashscope/qwq-plus"],
    [{ enable_thinking: false }, LITELLM, "dashscope/qwen3-235b-a22b-thinking-2507"],
    [{ enable_thinking: false }, SILICONFLOW, "deepseek-ai/DeepSeek-R1"],
    [{ thinking_budget: 128 }, SILICONFLOW, "deepseek-ai/DeepSeek-R1"],
    [{ thinking_budget: 128 }, SILICONFLOW, "Qwen/QwQ-32B"],
    [{ thinking_budget: 128 }, SILICONFLOW, "MiniMaxAI/MiniMax-M1-80k"],
    [{ thinking_budget: 128 }, SILICONFLOW, "tencent/Hunyuan-A13B-Instruct"],
    [{ thinking_budget: 128 }, SILICONFLOW, "THUDM/GLM-Z1-32B-0414"],
    [{ thinking_budget: 128 }, LITELLM, "siliconflow/deepseek-ai/DeepSeek-R1"],
    [{ thinking: { type: "enabled" } }, LITELLM, "volcengine/deepseek-v3-1-250821"],
    [{ thinking: { type: "enabled" } }, LITELLM, "lkeap/deepseek-v3.2"],
    [{}, LITELLM, "lkeap/glm-5"],
    [{ reasoning_tokens: 1 }, LITELLM, "volcengine/doubao-seed-1-6-251015"],
    [{ enable_thinking: true, reasoning_tokens: 1 }, LITELLM, "dashscope/qwen-plus"],
    [{ reasoning: { enabled: true } }, OPENROUTER, "qwen/qwen-plus"],
    [{ reasoning_effort: "high" }, OPENROUTER, "qwen/qwen-plus-2025-07-28"],
    // Their kin.
    [{ extra_body: { thinking_budget: 1 } }, DASHSCOPE, "qwen3-32b"],
    [{ chat_template_kwargs: { enable_thinking: false } }, DASHSCOPE, "qwen3-32b"],
    [{ thinking: { type: "disabled" } }, DASHSCOPE, "qwen3-32b"],
    [{ reasoning_effort: "none" }, DASHSCOPE, "qwen3-32b"],
    [{ enable_thinking: false, extra_body: { enable_thinking: true } }, DASHSCOPE, "qwen3-32b"],
    [{ enable_thinking: "false" }, DASHSCOPE, "qwen3-32b"],
    [{ thinking_budget: -1 }, DASHSCOPE, "qwen3-32b"],
    [{ thinking_budget: 0 }, DASHSCOPE, "qwen3-32b"],
    [{ enable_thinking: true }, DASHSCOPE, "qwen-plus"],
    [{ enable_thinking: false }, SILICONFLOW, "zai-org/GLM-4.5"],
    [{ enable_thinking: false }, VOLCENGINE, "doubao-seed-1-6-251015"],
    [{ thinking_budget: 1 }, VOLCENGINE, "doubao-seed-1-6-251015"],
    [{ thinking: { type: "disabled" } }, VOLCENGINE, "doubao-seed-1-6-thinking-250715"],
    [{ enable_thinking: false }, LKEAP, "deepseek-v3.2"],
    [{ thinking_budget: 1 }, LKEAP, "deepseek-r1"],
    [{ enable_thinking: false }, OPENROUTER, "qwen/qwen3-32b"],
    [{ reasoning: { max_tokens: 1 } }, OPENROUTER, "qwen/qwen3-32b"],
    [{ enable_thinking: false }, LITELLM, "openai/siliconflow/qwen3-32b"],
  ])("%j at %s, %s", (body, baseUrl, model) => {
    expect(held(body, routeTo(baseUrl, model))).toBe(MOST);
  });
});

describe("what the provider reads and the model honours is what is held", () => {
  test.each<[object, string, string, number]>([
    [{ enable_thinking: false }, DASHSCOPE, "qwen3-32b", 0],
    [{ enable_thinking: false }, LITELLM, "dashscope/qwen3.5-plus", 0],
    [{ enable_thinking: false }, DASHSCOPE, "glm-4.6", 0],
    [{ enable_thinking: false }, DASHSCOPE, "deepseek-v3.1", 0],
    [{ enable_thinking: false, reasoning_effort: "none" }, DASHSCOPE, "qwen3-max", 0],
    [{ enable_thinking: false }, SILICONFLOW, "Pro/zai-org/GLM-4.7", 0],
    [{ enable_thinking: false }, SILICONFLOW, "tencent/Hunyuan-A13B-Instruct", 0],
    [{ thinking: { type: "disabled" } }, VOLCENGINE, "doubao-seed-1-6-251015", 0],
    [{ thinking: { type: "disabled" } }, LKEAP, "deepseek-v3.2", 0],
    [{ thinking_budget: 500 }, DASHSCOPE, "qwen3-32b", 500],
    [{ thinking_budget: 500 }, DASHSCOPE, "qwen3-235b-a22b-thinking-2507", 500],
    [{ enable_thinking: true, thinking_budget: 500 }, DASHSCOPE, "qwen-plus", 500],
    [{ enable_thinking: false, thinking_budget: 500 }, DASHSCOPE, "qwen3-32b", 500],
    [{ thinking_budget: 1 }, SILICONFLOW, "Qwen/Qwen3-32B", 128],
    // A server that reads the other name is covered, too.
    [{ thinking_budget: 500, reasoning_tokens: 900 }, DASHSCOPE, "qwen3-32b", 900],
  ])("%j at %s, %s", (body, baseUrl, model, tokens) => {
    expect(held(body, routeTo(baseUrl, model))).toBe(tokens);
  });
});

/** What a provider reads by its documentation, and nothing else: written apart from the table that is tested. */
type Reader = { route: Route; billed: (body: Record<string, unknown>) => number };

const readsTypeDisabled = (thinking: unknown): boolean =>
  typeof thinking === "object" && thinking !== null && "type" in thinking && thinking.type === "disabled";
const budgetOr = (most: number, budget: unknown, least = 1): number =>
  typeof budget === "number" && budget > 0 ? Math.min(most, Math.max(budget, least)) : most;

const READERS: readonly Reader[] = [
  { route: routeTo(DASHSCOPE, "qwq-plus"), billed: () => 32_768 },
  {
    route: routeTo(DASHSCOPE, "qwen3-32b"),
    billed: (body) => (body.enable_thinking === false ? 0 : budgetOr(38_912, body.thinking_budget)),
  },
  {
    route: routeTo(DASHSCOPE, "qwen3-235b-a22b-thinking-2507"),
    billed: (body) => budgetOr(MOST, body.thinking_budget),
  },
  {
    route: routeTo(DASHSCOPE, "qwen-plus"),
    billed: (body) => (body.enable_thinking === true ? budgetOr(MOST, body.thinking_budget) : 0),
  },
  {
    route: routeTo(DASHSCOPE, "glm-4.6"),
    billed: (body) => (body.enable_thinking === false ? 0 : 32_768),
  },
  {
    route: routeTo(SILICONFLOW, "Qwen/Qwen3-14B"),
    billed: (body) => (body.enable_thinking === false ? 0 : budgetOr(32_768, body.thinking_budget, 128)),
  },
  { route: routeTo(SILICONFLOW, "deepseek-ai/DeepSeek-R1"), billed: () => 32_768 },
  {
    route: routeTo(VOLCENGINE, "doubao-seed-1-6-251015"),
    billed: ({ thinking }) => (readsTypeDisabled(thinking) ? 0 : 32_768),
  },
  {
    route: routeTo(LKEAP, "deepseek-v3.2"),
    billed: ({ thinking }) => (readsTypeDisabled(thinking) ? 0 : 32_768),
  },
];

const budgetName = fc.constantFrom(
  "thinking_budget",
  "thinkingBudget",
  "budget_tokens",
  "reasoning_tokens",
  "max_thinking_tokens",
  "thinking_budget_tokens",
);
const setting: fc.Arbitrary<[string, unknown]> = fc.oneof(
  fc.tuple(budgetName, fc.constantFrom<unknown>(-1, 0, 1, 700, 100_000, null)),
  fc.tuple(
    fc.constantFrom("enable_thinking", "enableThinking"),
    fc.constantFrom<unknown>(true, false, null, 0, "false"),
  ),
  fc.tuple(
    fc.constant("thinking"),
    fc.record(
      { type: fc.constantFrom("enabled", "disabled", "auto"), budget_tokens: fc.constantFrom(1, 5_000) },
      { requiredKeys: [] },
    ),
  ),
  fc.tuple(fc.constant("reasoning_effort"), fc.constantFrom<unknown>("none", "minimal", "high", null)),
);
const settings: fc.Arbitrary<Record<string, unknown>> = fc.letrec<{ object: Record<string, unknown> }>(
  (tie) => ({
    object: fc
      .array(
        fc.oneof(
          { depthSize: "small" },
          { weight: 3, arbitrary: setting },
          {
            weight: 1,
            arbitrary: fc.tuple(
              fc.constantFrom("extra_body", "chat_template_kwargs", "options", "foo", "parameters"),
              tie("object"),
            ),
          },
        ),
        { maxLength: 4 },
      )
      .map((entries) => Object.fromEntries(entries)),
  }),
).object;

describe("whatever budgets and switches a body has, at any depth", () => {
  test.each(READERS)("what is held covers $route.target.upstreamModel at $route.target.baseUrl", (reader) => {
    let admitted = 0;
    fc.assert(
      fc.property(settings, (body) => {
        if (isRejected(body)) return;
        admitted += 1;
        expect(held(body, reader.route)).toBeGreaterThanOrEqual(reader.billed(body));
      }),
      { numRuns: 2_000 },
    );
    expect(admitted).toBeGreaterThan(500);
  });
});

/** Templates are given few arguments only (template-arguments.ts). */
function isRejected(body: object): boolean {
  try {
    held(body);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "unsupported_parameter" });
    return true;
  }
}
