import { expect, test } from "vitest";
import { testTarget } from "#lib/providers/testing/target";
import { knownTokensPerSecond } from "./fast-models";

const OPENAI = "https://api.openai.com/v1";
const OPENROUTER = "https://openrouter.ai/api/v1";

test.each([
  ["https://api.cerebras.ai/v1", "gpt-oss-120b", 3_000],
  ["https://proxy.example.com/v1", "cerebras/gpt-oss-120b", 3_000],
  ["https://api.groq.com/openai/v1", "openai/gpt-oss-20b", 1_000],
  ["https://api.sambanova.ai/v1", "DeepSeek-R1", 1_000],
  ["https://api.fireworks.ai/inference/v1", "accounts/fireworks/models/glm-5p2-fast", 1_200],
  ["https://api.fireworks.ai/inference/v1", "accounts/fireworks/models/glm-5p2", 0],
  [OPENAI, "gpt-5.3-codex-spark", 1_500],
  [OPENAI, "gpt-5-mini", 300],
  [OPENAI, "gpt-5-nano-2025-08-07", 300],
  [OPENAI, "o4-mini", 300],
  [OPENAI, "gpt-5.6-luna", 300],
  [OPENROUTER, "openai/gpt-4.1-nano", 300],
  ["https://api.x.ai/v1", "grok-4-fast-reasoning", 440],
  [OPENROUTER, "x-ai/grok-code-fast-1", 440],
  [OPENROUTER, "anthropic/claude-3-haiku", 200],
  [OPENROUTER, "anthropic/claude-sonnet-4.5", 120],
  ["https://api.anthropic.com/v1", "claude-sonnet-5", 120],
  ["https://api.anthropic.com/v1", "claude-opus-4-7", 0],
  [OPENROUTER, "anthropic/claude-3.5-sonnet", 0],
  [OPENAI, "gpt-5", 250],
  [OPENAI, "gpt-5-codex", 250],
  ["https://a.openai.azure.com/openai/v1", "gpt-5.4", 250],
  ["https://a.openai.azure.com/openai/v1", "gpt-35-turbo", 0],
  [OPENAI, "gpt-4.1", 0],
  [OPENAI, "o3", 175],
  [OPENAI, "o1-2024-12-17", 175],
  [OPENAI, "o3-pro", 175],
  [OPENAI, "o3-mini", 300],
  ["https://api.together.xyz/v1", "deepseek-ai/DeepSeek-V4-Pro", 190],
  ["https://api.x.ai/v1", "grok-3-mini", 300],
  ["https://api.deepinfra.com/v1/openai", "nvidia/Nemotron-3-Super", 405],
  ["https://api.x.ai/v1", "grok-4", 0],
  ["https://api.x.ai/v1", "grok-4-0709", 0],
  ["https://api.x.ai/v1", "grok-4.20-0309-reasoning", 300],
  ["https://api.x.ai/v1", "grok-4.3", 300],
  [OPENROUTER, "x-ai/grok-4.7", 300],
  ["https://api.together.xyz/v1", "openai/gpt-oss-120b", 755],
  ["https://notgroq.com/v1", "llama-3.3-70b", 0],
  ["https://api.mistral.ai/v1", "ministral-8b", 0],
  ["", "simulated", 0],
])("%s, %s: %i tokens a second", (baseUrl, upstreamModel, tokensPerSecond) => {
  expect(knownTokensPerSecond({ ...testTarget({ upstreamModel }), baseUrl })).toBe(tokensPerSecond);
});
