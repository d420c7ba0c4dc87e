import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { beforeEach } from "vitest";
import type { SeedModel } from "#lib/testing/seed";
import { type TestGateway, testGateway } from "./test-gateway";
import { MICRODOLLAR_RATES } from "./user-budget";

type GatewayTo = {
  gate: TestGateway;
  /** The official SDKs, as the seeded caller. */
  openAi: () => OpenAI;
  anthropic: () => Anthropic;
};

/**
 * Starts a gateway whose only model leads to a fake provider, for the tests of a file. Before each, the provider answers as
 * it does now.
 */
export async function gatewayTo(
  upstream: { url: string; answer: unknown },
  model: SeedModel,
): Promise<GatewayTo> {
  const { url, answer } = upstream;
  beforeEach(() => {
    upstream.answer = answer;
  });
  const gate = await testGateway({
    models: [{ rates: MICRODOLLAR_RATES, contextWindow: 100_000, ...model }],
  });
  await gate.sql`UPDATE providers SET base_url = ${url}`;
  await gate.gateway.routing({ fresh: true });
  const { apiKey } = gate.seeded;
  return {
    gate,
    openAi: () => new OpenAI({ baseURL: gate.url, apiKey, maxRetries: 0 }),
    anthropic: () => new Anthropic({ baseURL: gate.url.replace(/\/v1$/, ""), apiKey, maxRetries: 0 }),
  };
}
