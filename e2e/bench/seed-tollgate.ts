import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { type Seeded, seedGateway } from "#lib/testing/seed";
import type { BenchDatabase } from "./database";
import { BENCH_MODELS } from "./scenarios";

/** What Tollgate's processes are started with and asked by. */
export type TollgateSeed = {
  databaseUrl: string;
  encryptionKey: string;
  /** Nothing limits whom it is charged to. */
  apiKey: string;
  /** Another organization's: key, user and organization each have a hard budget. */
  budgetedApiKey: string;
};

/** Far more than any run costs: every hold is judged against it and none is refused. */
const LIMIT_USD = "1000000";

/** Two organizations, each with one user and one key, so that all requests of a target charge the same counters. */
export async function seedTollgate(
  database: BenchDatabase | undefined,
  upstreamUrl: string,
): Promise<TollgateSeed> {
  const encryptionKey = randomBytes(32).toString("base64");
  if (!database) return { databaseUrl: "", encryptionKey, apiKey: "", budgetedApiKey: "" };
  const models = BENCH_MODELS.map((name) => ({ name }));
  const unlimited = await seedGateway(database.url, encryptionKey, { upstreamUrl, models });
  const budgeted = await seedGateway(database.url, encryptionKey, { upstreamUrl, models: [] });
  await setBudgets(database.url, budgeted.ids);
  return {
    databaseUrl: database.socketUrl,
    encryptionKey,
    apiKey: unlimited.apiKey,
    budgetedApiKey: budgeted.apiKey,
  };
}

/** Of three periods, as an operator would set them. */
async function setBudgets(databaseUrl: string, { organization, user, apiKey }: Seeded["ids"]): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql`UPDATE organizations SET budget_limit_usd = ${LIMIT_USD}, budget_period = 'month' WHERE id = ${organization}`;
  await sql`UPDATE users SET budget_limit_usd = ${LIMIT_USD}, budget_period = 'week' WHERE id = ${user}`;
  await sql`UPDATE api_keys SET budget_limit_usd = ${LIMIT_USD}, budget_period = 'day' WHERE id = ${apiKey}`;
  await sql.end();
}
