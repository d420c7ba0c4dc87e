import { randomBytes } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import { afterAll } from "vitest";
import type { Actor, Role } from "#lib/auth/actor";
import { rollUpUsage } from "#lib/credit/ledger/roll-up";
import { uuidv7 } from "#lib/credit/request-id";
import type { Db } from "#lib/db/client";
import { ledger } from "#lib/db/schema/credit";
import { apiKeys, auditLog, organizations, users } from "#lib/db/schema/identity";
import { models, providers } from "#lib/db/schema/routing";
import { usagePending } from "#lib/db/schema/usage";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { firstRow } from "#lib/testing/first-row";
import { testContext } from "./context";

type Row = typeof ledger.$inferInsert;

/** Two organizations, A and B, with a user of every role and keys of each kind. */
export type World = {
  db: Db;
  databaseUrl: string;
  a: { id: string; orgKey: string; memberKey: string; otherKey: string };
  b: { id: string; orgKey: string };
  admin: Actor;
  orgAdmin: Actor;
  member: Actor;
  /** Another member of A, the owner of `otherKey`. */
  other: Actor;
  viewer: Actor;
  orgAdminOfB: Actor;
  /** A user without an organization who is not an administrator. */
  stray: Actor;
  as(actor: Actor): ReturnType<typeof testContext<Db>>;
  /** The audit log's rows about a subject, oldest first. */
  auditOf(subjectId: string): Promise<(typeof auditLog.$inferSelect)[]>;
  routingVersion(): Promise<number>;
  /** Adds a simulated provider. */
  addProvider(name: string): Promise<{ id: string }>;
  /** Adds a settled request; by default A's organization key's, now. */
  addRequest(row?: Partial<Row>): Promise<string>;
  /** Adds usage to the rollups, of the quarter hour that begins at `hour`; now by default. */
  addUsage(usage: Partial<Omit<typeof usagePending.$inferInsert, "at">> & { hour?: Date }): Promise<void>;
  drop(): Promise<void>;
};

/** Creates the world of a test file and drops it after the tests. */
export async function worldOfFile(): Promise<World> {
  const world = await createWorld();
  afterAll(() => world.drop());
  return world;
}

/** Creates a world in a database of its own. */
export async function createWorld(): Promise<World> {
  const database = await createTestDatabase();
  const db = database.control(4);
  const organization = async (name: string) =>
    firstRow(await db.insert(organizations).values({ name }).returning({ id: organizations.id })).id;
  const person = async (name: string, role: Role, organizationId: string | null): Promise<Actor> => {
    const email = `${name}@example.com`;
    const { id } = firstRow(
      await db.insert(users).values({ name, email, role, organizationId }).returning({ id: users.id }),
    );
    return { kind: "user", id, name, email, role, organizationId };
  };
  const key = async (name: string, organizationId: string, userId: string | null) =>
    firstRow(
      await db
        .insert(apiKeys)
        .values({ name, organizationId, userId, keyHash: randomBytes(32), keyPrefix: `tg_test_${name}` })
        .returning({ id: apiKeys.id }),
    ).id;
  const a = await organization("A");
  const b = await organization("B");
  const member = await person("member", "member", a);
  const other = await person("other", "member", a);
  await db.insert(models).values([{ name: "small", aliases: ["tiny"] }, { name: "large" }]);
  const keysOfA = {
    orgKey: await key("a-org", a, null),
    memberKey: await key("a-member", a, member.id),
    otherKey: await key("a-other", a, other.id),
  };
  return {
    db,
    databaseUrl: database.url,
    a: { id: a, ...keysOfA },
    b: { id: b, orgKey: await key("b-org", b, null) },
    admin: await person("admin", "admin", null),
    orgAdmin: await person("org-admin", "org_admin", a),
    member,
    other,
    viewer: await person("viewer", "viewer", a),
    orgAdminOfB: await person("org-admin-b", "org_admin", b),
    stray: await person("stray", "org_admin", null),
    as: (actor) => testContext(db, actor),
    auditOf: async (subjectId) =>
      db.select().from(auditLog).where(eq(auditLog.subjectId, subjectId)).orderBy(asc(auditLog.id)),
    addProvider: async (name) =>
      firstRow(
        await db.insert(providers).values({ name, type: "simulated" }).returning({ id: providers.id }),
      ),
    routingVersion: async () => Number((await db.$client`SELECT version FROM routing_state`)[0]?.version),
    addRequest: (row = {}) => addRequest(db, { organizationId: a, apiKeyId: keysOfA.orgKey, ...row }),
    addUsage: async ({ hour = new Date(), ...usage }) => {
      await db.insert(usagePending).values({
        at: new Date(Math.floor(hour.getTime() / 900_000) * 900_000),
        organizationId: a,
        model: "small",
        provider: "test",
        tags: [],
        requests: 1,
        errors: 0,
        inputTokens: 0,
        outputTokens: 0,
        cachedTokens: 0,
        costUsd: "0",
        ...usage,
      });
      await rollUpUsage(db.$client);
    },
    drop: database.drop,
  };
}

async function addRequest(db: Db, row: Partial<Row> & { organizationId: string }): Promise<string> {
  const createdAt = row.createdAt ?? new Date();
  const id = row.id ?? uuidv7(createdAt.getTime());
  await db.insert(ledger).values({
    id,
    createdAt,
    settledAt: createdAt,
    status: "settled",
    endpoint: "chat/completions",
    model: "small",
    provider: "test",
    inputTokens: 10,
    outputTokens: 5,
    holdUsd: "0.01",
    costUsd: "0.001",
    usageSource: "provider",
    httpStatus: 200,
    counterIds: [],
    ...row,
  });
  return id;
}
