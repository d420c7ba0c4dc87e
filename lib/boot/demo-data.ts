import "server-only";
import { eq, inArray, sql } from "drizzle-orm";
import { SYSTEM } from "#lib/auth/actor";
import { StartUpError } from "#lib/config/start-up-error";
import { compileRates, type Rates } from "#lib/credit/price";
import type { Db, Tx } from "#lib/db/client";
import { auditLog } from "#lib/db/schema/identity";
import { models, providers } from "#lib/db/schema/routing";
import { createModel } from "#lib/services/models/create-model";
import { createProvider } from "#lib/services/providers/create-provider";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { type DemoKey, makeCast, workingKeys } from "./demo-data-cast";
import { insertEndedRequests } from "./demo-data-ledger";
import { type DemoModel, demoUsage } from "./demo-data-usage";

/** Replicas that start together seed once. */
const DEMO_LOCK = "742117901147";
const SEEDED = "demo.seed";

const PROVIDER = {
  name: "simulated",
  type: "simulated",
  settings: { firstTokenMs: 250, tokensPerSecond: 90, replyTokens: 80 },
} as const;

/** Priced by hand, as models of these sizes are elsewhere. */
const MODELS: readonly { name: string; contextWindow: number; maxOutputTokens: number; price: Rates }[] = [
  {
    name: "demo-fast",
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    price: { inputPerMtok: "0.15", outputPerMtok: "0.6", cacheReadPerMtok: "0.075" },
  },
  {
    name: "demo-smart",
    contextWindow: 200_000,
    maxOutputTokens: 32_768,
    price: { inputPerMtok: "2.5", outputPerMtok: "10", cacheReadPerMtok: "1.25" },
  },
  {
    name: "demo-large",
    contextWindow: 1_000_000,
    maxOutputTokens: 65_536,
    price: {
      inputPerMtok: "5",
      outputPerMtok: "25",
      cacheReadPerMtok: "0.5",
      tiers: [
        { aboveInputTokens: 200_000, inputPerMtok: "10", outputPerMtok: "37.5", cacheReadPerMtok: "1" },
      ],
    },
  },
];

export type Demo = {
  /** Those of the demo's keys that work; a key is the same on every start with one ENCRYPTION_KEY. */
  keys: readonly DemoKey[];
};

/**
 * Fills an installation with something to look at: a simulated provider with models, two organizations,
 * three people with keys, an app, and a week of usage. Once: a later call changes nothing, whatever has
 * been changed or deleted since.
 * @throws StartUpError when something else has a name that the demo needs
 */
export async function seedDemo(
  db: Db,
  config: RoutingContext["config"],
  now: Date = new Date(),
): Promise<Demo> {
  if (!(await isSeeded(db))) {
    await db.transaction(async (tx) => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(${DEMO_LOCK}::bigint)`);
      if (!(await isSeeded(tx))) await seed(tx, config, now);
    });
  }
  return { keys: await workingKeys(db, config.ENCRYPTION_KEY) };
}

async function seed(tx: Tx, config: RoutingContext["config"], now: Date): Promise<void> {
  await checkNamesAreFree(tx);
  const offered = await makeModels({ db: tx, actor: SYSTEM, config });
  const payers = await makeCast(tx, config.ENCRYPTION_KEY);
  await insertEndedRequests(tx, demoUsage(now, payers, offered));
  await tx.insert(auditLog).values({
    actorId: SYSTEM.id,
    actorName: SYSTEM.name,
    action: SEEDED,
    subjectType: "installation",
    subjectId: "demo",
  });
}

async function makeModels(ctx: RoutingContext): Promise<DemoModel[]> {
  const provider = await createProvider(ctx, PROVIDER);
  const made: DemoModel[] = [];
  for (const model of MODELS) {
    const targets = [{ providerId: provider.id, upstreamModel: model.name }];
    const { targets: priced } = await createModel(ctx, { ...model, targets });
    for (const { providerName, priceVersionId } of priced) {
      made.push({ name: model.name, providerName, priceVersionId, rates: compileRates(model.price) });
    }
  }
  return made;
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
