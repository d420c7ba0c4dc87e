import { describe, expect, test } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { mayBillAfterDisconnect } from "./billed-after-disconnect";

function routeTo(baseUrl: string, upstreamModel: string, stopsOnDisconnect?: boolean) {
  const route = testRoute(upstreamModel);
  return { ...route, target: { ...route.target, baseUrl }, wire: { ...route.wire, stopsOnDisconnect } };
}

describe("a stream whose connection is closed", () => {
  test.each([
    ["https://api.openai.com/v1", "gpt-4o"],
    ["https://mine.openai.azure.com/openai/v1", "my-deployment"],
    ["https://api.anthropic.com/v1", "claude-sonnet-4-5"],
    ["https://api.deepseek.com/v1", "deepseek-chat"],
    ["https://api.fireworks.ai/inference/v1", "accounts/fireworks/models/llama-v3p3-70b-instruct"],
    ["https://api.together.xyz/v1", "meta-llama/Llama-3.3-70B-Instruct-Turbo"],
    ["https://api.x.ai/v1", "grok-4"],
    ["http://127.0.0.1:8000/v1", "Qwen/Qwen3-32B"],
    ["http://[::1]:8000/v1", "llama3.1:8b"],
    ["http://10.1.2.3/v1", "mistralai/Mixtral-8x7B-Instruct-v0.1"],
    ["http://vllm:8000/v1", "my-own-model"],
    ["http://litellm:4000", "gpt-4o"],
    ["http://tgi.models.svc.cluster.local/v1", "tgi"],
    ["http://gpu.internal/v1", "meta-llama/Llama-3.1-70B-Instruct"],
  ])("ends what %s bills for %s", (baseUrl, model) => {
    expect(mayBillAfterDisconnect(routeTo(baseUrl, model), true)).toBe(false);
  });

  test.each([
    ["https://openrouter.ai/api/v1", "openai/gpt-4o"],
    ["https://api.novita.ai/v3/openai", "deepseek/deepseek-v3"],
    ["https://api.groq.com/openai/v1", "llama-3.3-70b-versatile"],
    ["https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", "openai.gpt-oss-120b-1:0"],
    ["https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.0-flash"],
    ["https://api.mistral.ai/v1", "mistral-large-latest"],
    ["https://api.perplexity.ai", "sonar"],
    ["https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "qwen-plus"],
    ["https://api.sambanova.ai/v1", "Meta-Llama-3.3-70B-Instruct"],
    ["https://api.studio.nebius.com/v1", "meta-llama/Llama-3.3-70B-Instruct"],
    ["https://api.minimax.io/v1", "MiniMax-M2"],
    ["https://ai-gateway.vercel.sh/v1", "openai/gpt-4o"],
    ["https://gateway.ai.cloudflare.com/v1/a/b/compat", "openai/gpt-4o"],
    ["https://notopenai.com/v1", "gpt-4o"],
    ["https://api.openai.com.evil.example/v1", "gpt-4o"],
    ["https://llm.example.com/v1", "my-own-model"],
    ["https://8.8.8.8/v1", "my-own-model"],
  ])("may not end what %s bills for %s", (baseUrl, model) => {
    expect(mayBillAfterDisconnect(routeTo(baseUrl, model), true)).toBe(true);
  });

  test("does what the provider's settings say, whatever its address is", () => {
    expect(mayBillAfterDisconnect(routeTo("https://llm.example.com/v1", "m", true), true)).toBe(false);
    expect(mayBillAfterDisconnect(routeTo("https://api.openai.com/v1", "m", false), true)).toBe(true);
    // A proxy at a private address: the model is served elsewhere.
    for (const stream of [true, false]) {
      expect(mayBillAfterDisconnect(routeTo("http://litellm:4000", "gpt-4o", false), stream)).toBe(true);
    }
  });
});

test("a request that is not streamed is billed to its end by every provider that is not one's own", () => {
  expect(mayBillAfterDisconnect(routeTo("https://api.openai.com/v1", "gpt-4o"), false)).toBe(true);
  expect(mayBillAfterDisconnect(routeTo("https://llm.example.com/v1", "m", true), false)).toBe(true);
  expect(mayBillAfterDisconnect(routeTo("http://10.1.2.3/v1", "m"), false)).toBe(false);
  expect(mayBillAfterDisconnect(routeTo("", "simulated"), false)).toBe(false);
  expect(mayBillAfterDisconnect(routeTo("", "simulated"), true)).toBe(false);
});
