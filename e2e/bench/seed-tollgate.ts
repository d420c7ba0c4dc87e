import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { type Seeded, seedGateway } from "#lib/testing/seed";
import type { BenchDatabase } from "./database";
import type { BenchRouting } from "./flags";
import { BENCH_MODELS } from "./scenarios";

/** The configuration and the API keys for Tollgate's processes. */
export type TollgateSeed = {
  databaseUrl: string;
  encryptionKey: string;
  /** A key without budgets. */
  apiKey: string;
  /** A key of another organization: key, user and organization each have a hard budget. */
  budgetedApiKey: string;
};

/** More than any run costs: every hold is checked and none is rejected. */
const LIMIT_USD = "1000000";

/** Creates two organizations with one user and one key each, so that all requests of a target use the same counters. */
export async function seedTollgate(
  database: BenchDatabase | undefined,
  upstreamUrl: string,
  routing: BenchRouting,
): Promise<TollgateSeed> {
  const encryptionKey = randomBytes(32).toString("base64");
  if (!database) return { databaseUrl: "", encryptionKey, apiKey: "", budgetedApiKey: "" };
  const unlimited = await seedGateway(database.url, encryptionKey, { upstreamUrl, models: BENCH_MODELS });
  const budgeted = await seedGateway(database.url, encryptionKey, { upstreamUrl, models: [] });
  await setBudgets(database.url, budgeted.ids);
  const more = { databaseUrl: database.url, encryptionKey, upstreamUrl };
  await addTargets(more, unlimited.ids.models, routing);
  return {
    databaseUrl: database.socketUrl,
    encryptionKey,
    apiKey: unlimited.apiKey,
    budgetedApiKey: budgeted.apiKey,
  };
}

/** Sets budgets with three different periods. */
async function setBudgets(databaseUrl: string, { organization, user, apiKey }: Seeded["ids"]): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql`UPDATE organizations SET budget_limit_usd = ${LIMIT_USD}, budget_period = 'month' WHERE id = ${organization}`;
  await sql`UPDATE users SET budget_limit_usd = ${LIMIT_USD}, budget_period = 'week' WHERE id = ${user}`;
  await sql`UPDATE api_keys SET budget_limit_usd = ${LIMIT_USD}, budget_period = 'day' WHERE id = ${apiKey}`;
  await sql.end();
}

/** Gives each model further targets, each of a provider of its own at the same upstream. */
async function addTargets(
  {
    databaseUrl,
    encryptionKey,
    upstreamUrl,
  }: { databaseUrl: string; encryptionKey: string; upstreamUrl: string },
  ids: Readonly<Record<string, string>>,
  { targets, strategy }: BenchRouting,
): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  for (let target = 1; target < targets; target++) {
    const models = BENCH_MODELS.map((model) => ({
      ...model,
      name: `${model.name} ${target}`,
      upstreamModel: model.name,
    }));
    const seeded = await seedGateway(databaseUrl, encryptionKey, { upstreamUrl, models });
    for (const { name, upstreamModel } of models) {
      const from = seeded.ids.models[name] ?? "";
      await sql`UPDATE model_targets SET model_id = ${ids[upstreamModel] ?? ""}, priority = ${target} WHERE model_id = ${from}`;
      await sql`DELETE FROM models WHERE id = ${from}`;
    }
  }
  await sql`UPDATE models SET strategy = ${strategy}`;
  await sql.end();
}
