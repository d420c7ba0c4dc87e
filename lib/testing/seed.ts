import { randomBytes, randomUUID } from "node:crypto";
import { keyPrefix, newApiKey, secretHasher } from "#lib/auth/api-key";
import { hashPassword } from "#lib/auth/password";
import { seal } from "#lib/config/seal";
import type { Rates } from "#lib/credit/prices/price";
import { ensurePriceVersion } from "#lib/credit/prices/price-version";
import { openControlDb, type Tx } from "#lib/db/client";
import { accounts, apiKeys, organizations, users } from "#lib/db/schema/identity";
import { models, modelTargets, providers } from "#lib/db/schema/routing";
import { credentialsOf } from "#lib/providers/open-provider";
import { firstRow } from "./first-row";

export type SeedModel = {
  /** The name that clients use; unique in the database. */
  name: string;
  /** The provider's name for it, which selects the fake upstream's scenario. Default: `name`. */
  upstreamModel?: string;
  /** USD per million tokens. Default: $0.15 in and $0.60 out. */
  rates?: Rates;
  maxOutputTokens?: number;
  /** Of the model and, exactly, of its target. */
  contextWindow?: number;
  /** Default: 0, so that a failure is met with once. */
  retries?: number;
  /** The type of its provider, which says what it speaks. Default: `openai-compatible`. */
  providerType?: string;
};

export type SeedOptions = {
  /** The fake upstream's `url`. */
  upstreamUrl: string;
  models: SeedModel[];
  user?: { email?: string; role?: "admin" | "org_admin" | "member" | "viewer"; password?: string };
};

export type Seeded = {
  apiKey: string;
  /** The provider's key, `CANARY-…`: it must reach the upstream and appear nowhere else. */
  canary: string;
  userEmail: string;
  providerName: string;
  ids: {
    organization: string;
    user: string;
    apiKey: string;
    provider: string;
    models: Record<string, string>;
  };
};

const DEFAULT_TYPE = "openai-compatible";
const DEFAULT_RATES: Rates = { inputPerMtok: "0.15", outputPerMtok: "0.6" };

/**
 * Seeds a migrated database with what a request needs: an organization, a user, a key, a provider of each type that
 * models have, at the fake upstream, and models with a price. All names but the models' are random, so that a database can be seeded
 * more than once.
 */
export async function seedGateway(
  databaseUrl: string,
  encryptionKey: string,
  options: SeedOptions,
): Promise<Seeded> {
  const db = openControlDb(databaseUrl, 1);
  try {
    const passwordHash = options.user?.password ? await hashPassword(options.user.password) : null;
    return await db.transaction((tx) => seed(tx, encryptionKey, passwordHash, options));
  } finally {
    await db.$client.end({ timeout: 5 });
  }
}

async function seed(
  tx: Tx,
  encryptionKey: string,
  passwordHash: string | null,
  { upstreamUrl, models: wanted, user = {} }: SeedOptions,
): Promise<Seeded> {
  const label = randomBytes(4).toString("hex");
  const apiKey = newApiKey("live");
  const canary = `CANARY-${randomBytes(16).toString("hex")}`;
  const userEmail = user.email ?? `person-${label}@example.com`;
  const providerName = `fake-${label}`;

  const organization = await idOf(
    tx
      .insert(organizations)
      .values({ name: `Organization ${label}` })
      .returning({ id: organizations.id }),
  );
  const accountId =
    passwordHash === null
      ? null
      : await idOf(
          tx
            .insert(accounts)
            .values({ email: userEmail, passwordHash, homeOrganizationId: organization })
            .returning({ id: accounts.id }),
        );
  const person = await idOf(
    tx
      .insert(users)
      .values({ organizationId: organization, email: userEmail, role: user.role ?? "member", accountId })
      .returning({ id: users.id }),
  );
  const key = await idOf(
    tx
      .insert(apiKeys)
      .values({
        name: `Key ${label}`,
        organizationId: organization,
        userId: person,
        keyHash: secretHasher(encryptionKey)(apiKey),
        keyPrefix: keyPrefix(apiKey),
      })
      .returning({ id: apiKeys.id }),
  );
  const seedProvider = async (name: string, type: string) => {
    const id = randomUUID();
    const credentials = seal(JSON.stringify({ api_key: canary }), encryptionKey, credentialsOf(id));
    await tx.insert(providers).values({ id, name, type, baseUrl: upstreamUrl, credentials });
    return id;
  };
  const provider = await seedProvider(providerName, DEFAULT_TYPE);
  const byType = new Map([[DEFAULT_TYPE, provider]]);
  const modelIds: Record<string, string> = {};
  for (const model of wanted) {
    const { providerType = DEFAULT_TYPE } = model;
    const own =
      byType.get(providerType) ?? (await seedProvider(`${providerName}-${providerType}`, providerType));
    byType.set(providerType, own);
    modelIds[model.name] = await seedModel(tx, own, model);
  }
  return {
    apiKey,
    canary,
    userEmail,
    providerName,
    ids: { organization, user: person, apiKey: key, provider, models: modelIds },
  };
}

async function seedModel(tx: Tx, provider: string, model: SeedModel): Promise<string> {
  const rates = model.rates ?? DEFAULT_RATES;
  const priceVersionId = await ensurePriceVersion(tx, {
    source: "manual",
    origin: "lib/testing/seed.ts",
    rates,
  });
  const { name, upstreamModel = model.name, maxOutputTokens, contextWindow, retries = 0 } = model;
  const values = { name, maxOutputTokens, contextWindow, retries };
  const id = await idOf(tx.insert(models).values(values).returning({ id: models.id }));
  await tx
    .insert(modelTargets)
    .values({ modelId: id, providerId: provider, upstreamModel, priceVersionId, contextWindow });
  return id;
}

async function idOf(inserting: PromiseLike<{ id: string }[]>): Promise<string> {
  return firstRow(await inserting).id;
}
