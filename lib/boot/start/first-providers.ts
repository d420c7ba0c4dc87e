import { sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import type { Config } from "#lib/config/config";
import type { Db, Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
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
type Keys = Pick<Config, (typeof FIRST)[number]["variable"]>;

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
  config: RoutingContext["config"] & Keys,
  now: Date = new Date(),
): Promise<readonly FirstProvider[]> {
  const wanted = FIRST.flatMap(({ variable, type, models }) => {
    const apiKey = config[variable];
    return apiKey === undefined ? [] : [{ apiKey, type, models }];
  });
  if (wanted.length === 0 || (await hasProviders(db))) return [];
  return db.transaction(async (tx) => {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${FIRST_PROVIDERS_LOCK}::bigint)`);
    if (await hasProviders(tx)) return [];
    const created: FirstProvider[] = [];
    for (const each of wanted)
      created.push(await createFirstProvider({ db: tx, actor: SYSTEM, config }, each, now));
    return created;
  });
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
