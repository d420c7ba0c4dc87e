import { inArray, sql } from "drizzle-orm";
import { keyPrefix, secretHasher } from "#lib/auth/api-key";
import type { HashingSecrets } from "#lib/auth/derived-secrets";
import { hashesOfKey, hashOfKey } from "#lib/auth/key-hash";
import type { Db, Tx } from "#lib/db/client";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { demoKeys } from "./keys";
import type { DemoPayer } from "./usage";

/** The budgets leave room for the demo's keys; only the app's is nearly spent. */
const ORGANIZATIONS = [
  { name: "Acme Robotics", budget: { budgetLimitUsd: "25", budgetPeriod: "month", budgetSoftPercent: 80 } },
  { name: "Northwind Studio", budget: {} },
] as const;
type OrganizationName = (typeof ORGANIZATIONS)[number]["name"];

const PEOPLE = [
  {
    name: "Maya Chen",
    email: "maya@acme.example",
    role: "org_admin",
    organization: "Acme Robotics",
    budget: { budgetLimitUsd: "20", budgetPeriod: "month" },
    paidForDays: 210,
    keyName: "Maya's notebook",
    tags: ["research"],
    habits: {
      perHour: 11,
      nightShare: 0.05,
      models: ["demo-smart", "demo-smart", "demo-large", "demo-fast"],
    },
  },
  {
    name: "Tom Okafor",
    email: "tom@acme.example",
    role: "member",
    organization: "Acme Robotics",
    budget: {},
    paidForDays: 5,
    keyName: "Firmware review",
    tags: ["ci"],
    habits: { perHour: 14, nightShare: 0.3, models: ["demo-fast", "demo-fast", "demo-smart"] },
  },
  {
    name: "Inês Duarte",
    email: "ines@northwind.example",
    role: "member",
    organization: "Northwind Studio",
    budget: { budgetLimitUsd: "15", budgetPeriod: "month" },
    paidForDays: null,
    keyName: "Copy drafts",
    tags: ["marketing"],
    habits: { perHour: 10, nightShare: 0.02, models: ["demo-smart", "demo-large"] },
  },
] as const;

/** A user without a key, whose payment has expired. */
const FORMER = {
  name: "Ruth Adler",
  email: "ruth@northwind.example",
  role: "viewer",
  organization: "Northwind Studio",
  paidForDays: -12,
} as const;

const APP = {
  name: "Helpdesk",
  externalId: "acme-helpdesk",
  organization: "Acme Robotics",
  budget: { budgetLimitUsd: "0.7", budgetPeriod: "month", budgetSoftPercent: 70 },
  habits: { perHour: 16, nightShare: 0.5, models: ["demo-fast"] },
} as const;

export type DemoKey = { name: string; key: string; email: string; organization: string };

/**
 * Creates the demo's organizations, people, keys and app.
 * @returns who its usage is charged to
 */
export async function createDemoAccounts(tx: Tx, hashing: HashingSecrets): Promise<DemoPayer[]> {
  const hash = secretHasher(hashing);
  const keyOf = demoKeys(hashing.pepper);
  const organizationIds = new Map<OrganizationName, string>();
  for (const { name, budget } of ORGANIZATIONS) {
    const created = await tx
      .insert(organizations)
      .values({ name, ...budget })
      .returning();
    organizationIds.set(name, inserted(created).id);
  }
  const idOf = (name: OrganizationName): string => {
    const id = organizationIds.get(name);
    if (id === undefined) throw new Error(`the demo has no organization "${name}"`);
    return id;
  };

  const payers: DemoPayer[] = [];
  for (const person of PEOPLE) {
    const organizationId = idOf(person.organization);
    const userId = await createPerson(tx, person, organizationId);
    const key = keyOf(person.email);
    const [apiKey] = await tx
      .insert(apiKeys)
      .values({
        name: person.keyName,
        organizationId,
        userId,
        keyHash: hashOfKey(hash, key),
        keyPrefix: keyPrefix(key),
        tags: [...person.tags],
      })
      .returning();
    const apiKeyId = apiKey?.id ?? null;
    payers.push({ organizationId, userId, apiKeyId, appId: null, tags: person.tags, habits: person.habits });
  }
  await createPerson(tx, { ...FORMER, budget: {} }, idOf(FORMER.organization));
  const organizationId = idOf(APP.organization);
  const app = await tx
    .insert(apps)
    .values({
      name: APP.name,
      externalId: APP.externalId,
      organizationId,
      ...APP.budget,
      secretHash: hash(keyOf(APP.externalId)),
    })
    .returning();
  const appId = inserted(app).id;
  payers.push({ organizationId, userId: null, apiKeyId: null, appId, tags: [], habits: APP.habits });
  return payers;
}

type Person = Pick<typeof users.$inferInsert, "name" | "email" | "role"> & {
  budget: Pick<typeof users.$inferInsert, "budgetLimitUsd" | "budgetPeriod" | "budgetSoftPercent">;
  /** Null: without a date. */
  paidForDays: number | null;
};

/** @returns the person's id */
async function createPerson(tx: Tx, person: Person, organizationId: string): Promise<string> {
  const { budget, paidForDays, ...named } = person;
  const user = await tx
    .insert(users)
    .values({
      name: named.name,
      email: named.email,
      role: named.role,
      organizationId,
      ...budget,
      ...(paidForDays === null
        ? {}
        : // By the database's clock, which decides. The job sets the status of expired users.
          {
            paymentValidUntil: sql`(now() at time zone 'UTC')::date + ${paidForDays}::int`,
            paymentStatus: "active",
          }),
    })
    .returning();
  return inserted(user).id;
}

/** The demo's keys that exist under this pepper and work. */
export async function workingKeys(db: Db | Tx, hashing: HashingSecrets): Promise<DemoKey[]> {
  const hash = secretHasher(hashing);
  const keyOf = demoKeys(hashing.pepper);
  const working: DemoKey[] = [];
  for (const { email, organization, keyName } of PEOPLE) {
    const key = keyOf(email);
    const [row] = await db
      .select()
      .from(apiKeys)
      .where(inArray(apiKeys.keyHash, hashesOfKey(hash, key)));
    if (row && row.revokedAt === null) working.push({ name: keyName, key, email, organization });
  }
  return working;
}

function inserted<Row>([row]: Row[]): Row {
  if (row === undefined) throw new Error("a row of the demo was not inserted");
  return row;
}
