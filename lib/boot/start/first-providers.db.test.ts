import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cataloguePrice } from "#lib/credit/prices/catalogue";
import type { Db } from "#lib/db/client";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { ANTHROPIC_MODELS } from "./anthropic-models";
import { createFirstProviders } from "./first-providers";
import { GOOGLE_MODELS } from "./google-models";
import { OPENAI_CHAT_MODELS } from "./openai-models";

let database: TestDatabase;
let db: Db;
beforeEach(async () => {
  database = await createTestDatabase();
  db = database.control();
});
afterEach(() => database.drop());

const config = {
  ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  BLOCK_PRIVATE_UPSTREAMS: false,
  ALLOW_PRIVATE_WEBHOOKS: false,
  OPENAI_API_KEY: "sk-first",
  ANTHROPIC_API_KEY: undefined,
  GOOGLE_GENERATIVE_AI_API_KEY: undefined,
};
const ofAnthropic = { ...config, OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: "sk-ant-first" };
const ofGoogle = { ...config, OPENAI_API_KEY: undefined, GOOGLE_GENERATIVE_AI_API_KEY: "AIza-first" };
const NOW = new Date("2026-11-20T12:00:00Z");

describe("createFirstProviders", () => {
  test.each([
    ["openai", config, OPENAI_CHAT_MODELS],
    ["anthropic", ofAnthropic, ANTHROPIC_MODELS],
    ["google", ofGoogle, GOOGLE_MODELS],
  ])(
    "creates a provider of type %s with its current models and their prices",
    async (type, given, current) => {
      const [made] = await createFirstProviders(db, given, NOW);
      expect(made).toEqual({ name: type, models: current.map((model) => model.name) });
      const rows = await database.sql`
      SELECT m.name, m.context_window, m.max_output_tokens, p.type, v.source, v.rates
      FROM models m JOIN model_targets t ON t.model_id = m.id AND t.upstream_model = m.name
      JOIN providers p ON p.id = t.provider_id JOIN price_versions v ON v.id = t.price_version_id`;
      expect(rows).toHaveLength(current.length);
      for (const row of rows) {
        expect(row).toMatchObject({ type, source: "catalogue" });
        // Leaves room for input.
        expect(row.context_window).toBeGreaterThan(row.max_output_tokens);
        expect(row.rates).toEqual(cataloguePrice(type, row.name, new Date())?.rates);
      }
    },
  );

  test("creates both providers, with all rates of Anthropic's caches", async () => {
    const made = await createFirstProviders(db, { ...ofAnthropic, OPENAI_API_KEY: "sk-first" }, NOW);
    expect(made.map(({ name }) => name)).toEqual(["openai", "anthropic"]);
    for (const { name } of ANTHROPIC_MODELS) {
      expect(cataloguePrice("anthropic", name, NOW)?.rates).toMatchObject({
        cacheReadPerMtok: expect.any(String),
        cacheWritePerMtok: expect.any(String),
        cacheWrite1hPerMtok: expect.any(String),
      });
    }
  });

  test("creates a provider of Cloudflare's AI Gateway, whose token is sent in its own header", async () => {
    const aiGateway = { AI_GATEWAY_ACCOUNT_ID: "acc1", AI_GATEWAY_ID: "main", AI_GATEWAY_TOKEN: "cf-token" };
    const made = await createFirstProviders(db, { ...config, OPENAI_API_KEY: undefined, ...aiGateway }, NOW);
    expect(made).toEqual([{ name: "cloudflare-ai-gateway", models: null }]);
    const [row] = await database.sql<
      { id: string; type: string; base_url: string; settings: Record<string, unknown> }[]
    >`SELECT id, type, base_url, settings FROM providers`;
    expect(row).toMatchObject({
      type: "openai-compatible",
      base_url: "https://gateway.ai.cloudflare.com/v1/acc1/main/compat",
      settings: { dialects: ["chat"], list_models: true },
    });
    expect(JSON.stringify(row)).not.toContain("cf-token");
    expect(JSON.stringify(row?.settings)).toContain("cf-aig-authorization");
  });

  test("leaves out models that are shut down", async () => {
    const [made] = await createFirstProviders(db, config, new Date("2026-12-11T00:00:00Z"));
    expect(made?.models).toContain("gpt-4o");
    expect(made?.models).not.toContain("o3");
  });

  test("does nothing without a key, or when a provider exists", async () => {
    expect(await createFirstProviders(db, { ...config, OPENAI_API_KEY: undefined }, NOW)).toEqual([]);
    await createFirstProviders(db, config, NOW);
    const before = await database.sql`SELECT count(*) FROM audit_log`;
    expect(await createFirstProviders(db, config, NOW)).toEqual([]);
    expect(await database.sql`SELECT count(*) FROM audit_log`).toEqual(before);
  });

  test("creates one provider when replicas start together", async () => {
    const made = await Promise.all([1, 2, 3].map(() => createFirstProviders(db, config, NOW)));
    expect(made.filter((result) => result.length > 0)).toHaveLength(1);
    const [count] = await database.sql`SELECT count(*)::int AS n FROM providers`;
    expect(count?.n).toBe(1);
  });
});
