import { sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import type { Config } from "#lib/config/config";
import type { Db, Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { createModel } from "#lib/services/models/create-model";
import { createProvider } from "#lib/services/providers/create-provider";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { OPENAI_CHAT_MODELS } from "./openai-models";

export type FirstProvider = { name: string; models: readonly string[] };

/** Replicas that start together create one provider. */
const FIRST_PROVIDERS_LOCK = "742117901146";

/**
 * Creates the providers that the environment has a key for, with their current models, if there is no provider yet.
 * Creates all of them or none.
 * @returns what was created, for the console
 */
export async function createFirstProviders(
  db: Db,
  config: RoutingContext["config"] & Pick<Config, "OPENAI_API_KEY">,
  now: Date = new Date(),
): Promise<readonly FirstProvider[]> {
  const apiKey = config.OPENAI_API_KEY;
  if (apiKey === undefined || (await hasProviders(db))) return [];
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${FIRST_PROVIDERS_LOCK}::bigint)`);
    if (await hasProviders(tx)) return [];
    return [await createOpenAiProvider({ db: tx, actor: SYSTEM, config }, apiKey, now)];
  });
}

async function createOpenAiProvider(ctx: RoutingContext, apiKey: string, now: Date): Promise<FirstProvider> {
  const provider = await createProvider(ctx, {
    name: "openai",
    type: "openai",
    credentials: { api_key: apiKey },
  });
  const today = now.toISOString().slice(0, 10);
  const current = OPENAI_CHAT_MODELS.filter((model) => !model.shutsDownOn || today < model.shutsDownOn);
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
