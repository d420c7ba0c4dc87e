import { eq, inArray, sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import type { HashingSecrets } from "#lib/auth/derived-secrets";
import { StartUpError } from "#lib/config/start-up-error";
import { compileRates } from "#lib/credit/prices/price";
import type { Db, Tx } from "#lib/db/client";
import { auditLog } from "#lib/db/schema/identity";
import { models, providers } from "#lib/db/schema/routing";
import { createModel } from "#lib/services/models/create-model";
import { type Price, ratesOf } from "#lib/services/prices/price";
import { createProvider } from "#lib/services/providers/create-provider";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { createDemoAccounts, type DemoKey, workingKeys } from "./accounts";
import { insertEndedRequests } from "./ledger";
import { type DemoModel, demoUsage } from "./usage";

/** Replicas that start together seed once. */
const DEMO_LOCK = "742117901147";
const SEEDED = "demo.seed";

const PROVIDER = {
  name: "simulated",
  type: "simulated",
  settings: { first_token_ms: 250, tokens_per_second: 90, reply_tokens: 80 },
} as const;

/** Prices like those of real models of these sizes. */
const MODELS: readonly { name: string; context_window: number; max_output_tokens: number; price: Price }[] = [
  {
    name: "demo-fast",
    context_window: 128_000,
    max_output_tokens: 16_384,
    price: { input_per_mtok: "0.15", output_per_mtok: "0.6", cache_read_per_mtok: "0.075" },
  },
  {
    name: "demo-smart",
    context_window: 200_000,
    max_output_tokens: 32_768,
    price: { input_per_mtok: "2.5", output_per_mtok: "10", cache_read_per_mtok: "1.25" },
  },
  {
    name: "demo-large",
    context_window: 1_000_000,
    max_output_tokens: 65_536,
    price: {
      input_per_mtok: "5",
      output_per_mtok: "25",
      cache_read_per_mtok: "0.5",
      tiers: [
        {
          above_input_tokens: 200_000,
          input_per_mtok: "10",
          output_per_mtok: "37.5",
          cache_read_per_mtok: "1",
        },
      ],
    },
  },
];

export type Demo = {
  /** The demo's working keys; the same on every start. */
  keys: readonly DemoKey[];
};

/**
 * Creates demo data: a simulated provider with models, two organizations, three people with keys, an app, and a week
 * of usage. A second call changes nothing, even if some of it was deleted.
 * @throws StartUpError when a name that the demo needs is taken
 */
export async function seedDemo(
  db: Db,
  config: RoutingContext["config"],
  hashing: HashingSecrets,
  now: Date = new Date(),
): Promise<Demo> {
  if (!(await isSeeded(db))) {
    await db.transaction(async (tx) => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(${DEMO_LOCK}::bigint)`);
      if (!(await isSeeded(tx))) await seed(tx, config, hashing, now);
    });
  }
  return { keys: await workingKeys(db, hashing) };
}

async function seed(
  tx: Tx,
  config: RoutingContext["config"],
  hashing: HashingSecrets,
  now: Date,
): Promise<void> {
  await checkNamesAreFree(tx);
  const offered = await createModels({ db: tx, actor: SYSTEM, config });
  const payers = await createDemoAccounts(tx, hashing);
  await insertEndedRequests(tx, demoUsage(now, payers, offered));
  await tx.insert(auditLog).values({
    actorId: SYSTEM.id,
    actorName: SYSTEM.name,
    action: SEEDED,
    subjectType: "installation",
    subjectId: "demo",
  });
}

async function createModels(ctx: RoutingContext): Promise<DemoModel[]> {
  const provider = await createProvider(ctx, PROVIDER);
  const created: DemoModel[] = [];
  for (const model of MODELS) {
    const { targets } = await createModel(ctx, {
      ...model,
      targets: [{ provider_id: provider.id, upstream_model: model.name }],
    });
    const rates = compileRates(ratesOf(model.price));
    for (const { provider_name: providerName, price_version_id: priceVersionId } of targets) {
      created.push({ name: model.name, providerName, priceVersionId, rates });
    }
  }
  return created;
}

async function checkNamesAreFree(tx: Tx): Promise<void> {
  const [provider] = await tx
    .select({ name: providers.name })
    .from(providers)
    .where(eq(providers.name, PROVIDER.name));
  const names = MODELS.map((model) => model.name);
  const [model] = await tx.select({ name: models.name }).from(models).where(inArray(models.name, names));
  const taken = provider?.name ?? model?.name;
  if (taken === undefined) return;
  throw new StartUpError(
    `The demo needs the name "${taken}", which is taken: set DATA_DIR to another directory.`,
  );
}

async function isSeeded(db: Db | Tx): Promise<boolean> {
  const rows = await db
    .select({ id: auditLog.id })
    .from(auditLog)
    .where(eq(auditLog.action, SEEDED))
    .limit(1);
  return rows.length > 0;
}
