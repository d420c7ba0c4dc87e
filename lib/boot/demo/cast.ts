import { eq, sql } from "drizzle-orm";
import { keyPrefix, secretHasher } from "#lib/auth/api-key";
import { StartUpError } from "#lib/config/start-up-error";
import type { Db, Tx } from "#lib/db/client";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import { demoKeys } from "./keys";
import type { DemoPayer } from "./usage";

/** Budgets are wide enough for the demo's keys to go on; only the app's is nearly spent. */
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

/** Somebody without a key, whose payment has run out. */
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

/** The demo's organizations, people, keys and app, made, with budgets and payments of several kinds. Payers are who its usage is charged to. */
export async function makeCast(tx: Tx, encryptionKey: string): Promise<DemoPayer[]> {
  const hash = secretHasher(encryptionKey);
  const keyOf = demoKeys(encryptionKey);
  const organizationIds = new Map<OrganizationName, string>();
  for (const { name, budget } of ORGANIZATIONS) {
    const [made] = await tx
      .insert(organizations)
      .values({ name, ...budget })
      .onConflictDoNothing()
      .returning();
    organizationIds.set(name, (made ?? taken("an organization", name)).id);
  }
  const idOf = (name: OrganizationName) => organizationIds.get(name) ?? taken("an organization", name);

  const payers: DemoPayer[] = [];
  for (const person of PEOPLE) {
    const organizationId = idOf(person.organization);
    const userId = await makePerson(tx, person, organizationId);
    const key = keyOf(person.email);
    const [apiKey] = await tx
      .insert(apiKeys)
      .values({
        name: person.keyName,
        organizationId,
        userId,
        keyHash: hash(key),
        keyPrefix: keyPrefix(key),
        tags: [...person.tags],
      })
      .returning();
    const apiKeyId = apiKey?.id ?? null;
    payers.push({ organizationId, userId, apiKeyId, appId: null, tags: person.tags, habits: person.habits });
  }
  await makePerson(tx, { ...FORMER, budget: {} }, idOf(FORMER.organization));
  const organizationId = idOf(APP.organization);
  const [app] = await tx
    .insert(apps)
    .values({
      name: APP.name,
      externalId: APP.externalId,
      organizationId,
      ...APP.budget,
      secretHash: hash(keyOf(APP.externalId)),
    })
    .onConflictDoNothing()
    .returning();
  const appId = (app ?? taken("an app", APP.externalId)).id;
  payers.push({ organizationId, userId: null, apiKeyId: null, appId, tags: [], habits: APP.habits });
  return payers;
}

type Person = Pick<typeof users.$inferInsert, "name" | "email" | "role"> & {
  budget: Pick<typeof users.$inferInsert, "budgetLimitUsd" | "budgetPeriod" | "budgetSoftPercent">;
  /** Null: no date is kept. */
  paidForDays: number | null;
};

/** @returns the person's id */
async function makePerson(tx: Tx, person: Person, organizationId: string): Promise<string> {
  const { budget, paidForDays, ...named } = person;
  const [user] = await tx
    .insert(users)
    .values({
      name: named.name,
      email: named.email,
      role: named.role,
      organizationId,
      ...budget,
      ...(paidForDays === null
        ? {}
        : // On the database's clock, which is the one that judges. What has expired is noted by the job.
          {
            paymentValidUntil: sql`(now() at time zone 'UTC')::date + ${paidForDays}::int`,
            paymentStatus: "active",
          }),
    })
    .onConflictDoNothing()
    .returning();
  return (user ?? taken("a user", named.email)).id;
}

/** The demo's keys that (still) are in the database under this ENCRYPTION_KEY and work. */
export async function workingKeys(db: Db | Tx, encryptionKey: string): Promise<DemoKey[]> {
  const hash = secretHasher(encryptionKey);
  const keyOf = demoKeys(encryptionKey);
  const working: DemoKey[] = [];
  for (const { email, organization, keyName } of PEOPLE) {
    const key = keyOf(email);
    const [row] = await db
      .select()
      .from(apiKeys)
      .where(eq(apiKeys.keyHash, hash(key)));
    if (row && row.revokedAt === null) working.push({ name: keyName, key, email, organization });
  }
  return working;
}

function taken(what: string, name: string): never {
  throw new StartUpError(
    `The demo needs ${what} called ${name}, and there is one already: set DATA_DIR to another directory.`,
  );
}
