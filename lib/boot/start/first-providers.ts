import { sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import type { Config } from "#lib/config/config";
import type { Db, Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { findPreset } from "#lib/providers/presets";
import { createModel } from "#lib/services/models/create-model";
import { createProvider } from "#lib/services/providers/create-provider";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { ANTHROPIC_MODELS } from "./anthropic-models";
import type { FirstModel } from "./first-model";
import { GOOGLE_MODELS } from "./google-models";
import { OPENAI_CHAT_MODELS } from "./openai-models";

/** The types of provider that a variable has a key for. */
const FIRST = [
  { variable: "OPENAI_API_KEY", type: "openai", models: OPENAI_CHAT_MODELS },
  { variable: "ANTHROPIC_API_KEY", type: "anthropic", models: ANTHROPIC_MODELS },
  { variable: "GOOGLE_GENERATIVE_AI_API_KEY", type: "google", models: GOOGLE_MODELS },
] as const;
type AiGateway = Pick<Config, "AI_GATEWAY_ACCOUNT_ID" | "AI_GATEWAY_ID" | "AI_GATEWAY_TOKEN">;
type Keys = Pick<Config, (typeof FIRST)[number]["variable"]> & Partial<AiGateway>;

/** `models`: null for a provider whose own models can be requested as `provider/model`. */
export type FirstProvider = { name: string; models: readonly string[] | null };

/** Replicas that start together create one provider. */
const FIRST_PROVIDERS_LOCK = "742117901146";

/**
 * Creates the providers that the environment has a key for, with their current models, if there is no provider yet.
 * Creates all of them or none.
 * @returns what was created, for the console
 */
export async function createFirstProviders(
  db: Db,
  config: RoutingContext["config"] & Keys,
  now: Date = new Date(),
): Promise<readonly FirstProvider[]> {
  const wanted = FIRST.flatMap(({ variable, type, models }) => {
    const apiKey = config[variable];
    return apiKey === undefined ? [] : [{ apiKey, type, models }];
  });
  const aiGateway = aiGatewayOf(config);
  if ((wanted.length === 0 && aiGateway === null) || (await hasProviders(db))) return [];
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${FIRST_PROVIDERS_LOCK}::bigint)`);
    if (await hasProviders(tx)) return [];
    const ctx = { db: tx, actor: SYSTEM, config };
    const created: FirstProvider[] = [];
    for (const each of wanted) created.push(await createFirstProvider(ctx, each, now));
    if (aiGateway !== null) {
      const { name } = await createProvider(ctx, aiGateway);
      created.push({ name, models: null });
    }
    return created;
  });
}

/**
 * Cloudflare's gateway authenticates by a header of its own and holds the keys of the providers behind it
 * (developers.cloudflare.com/ai-gateway/configuration/authentication and /usage/chat-completion).
 */
function aiGatewayOf(config: Partial<AiGateway>) {
  const preset = findPreset("cloudflare-ai-gateway");
  const { AI_GATEWAY_ACCOUNT_ID: accountId, AI_GATEWAY_ID: gatewayId, AI_GATEWAY_TOKEN: token } = config;
  if (preset === undefined || accountId === undefined || gatewayId === undefined || token === undefined) {
    return null;
  }
  return {
    name: preset.name,
    type: preset.type,
    base_url: preset.baseUrl.replace("{account_id}", accountId).replace("{gateway_id}", gatewayId),
    settings: {
      ...preset.settings,
      headers: { "cf-aig-authorization": `Bearer ${token}` },
      list_models: true,
    },
  };
}

type Wanted = { type: string; apiKey: string; models: readonly FirstModel[] };

async function createFirstProvider(
  ctx: RoutingContext,
  { type, apiKey, models }: Wanted,
  now: Date,
): Promise<FirstProvider> {
  const provider = await createProvider(ctx, { name: type, type, credentials: { api_key: apiKey } });
  const today = now.toISOString().slice(0, 10);
  const current = models.filter((model) => !model.shutsDownOn || today < model.shutsDownOn);
  for (const { name, aliases, contextWindow, maxOutputTokens } of current) {
    await createModel(ctx, {
      name,
      aliases: [...(aliases ?? [])],
      targets: [{ provider_id: provider.id, upstream_model: name }],
      context_window: contextWindow,
      max_output_tokens: maxOutputTokens,
    });
  }
  return { name: provider.name, models: current.map((model) => model.name) };
}

async function hasProviders(db: Db | Tx): Promise<boolean> {
  const rows = await db.select({ id: providers.id }).from(providers).limit(1);
  return rows.length > 0;
}
