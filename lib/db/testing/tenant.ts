import { randomBytes, randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { Payer } from "#lib/db/payer";
import { firstRow } from "#lib/testing/first-row";

/** The key, user and organization that a test's requests are charged to, with the versions of new rows. */
export type TestPayer = Payer & {
  userId: string;
  userVersion: number;
  apiKeyId: string;
  apiKeyVersion: number;
  appId: null;
  appVersion: null;
  tags: string[];
};

/** Creates an organization, a user in it and a key of that user. `keyHash` lets a test present the key. */
export async function createTenant(
  sql: postgres.Sql,
  { organizationId, keyHash = randomBytes(32) }: { organizationId?: string; keyHash?: Buffer } = {},
): Promise<TestPayer> {
  const name = randomUUID();
  const orgId = organizationId ?? (await insertOrganization(sql, name));
  const userId = await insert(
    sql`INSERT INTO users (organization_id, email) VALUES (${orgId}, ${`${name}@example.com`}) RETURNING id`,
  );
  const apiKeyId = await insert(
    sql`INSERT INTO api_keys (name, organization_id, user_id, key_hash, key_prefix)
        VALUES (${name}, ${orgId}, ${userId}, ${keyHash}, 'tg_test_') RETURNING id`,
  );
  return testPayer({ organizationId: orgId, userId, apiKeyId });
}

/** A payer of new rows with these ids. */
export function testPayer(ids: Pick<TestPayer, "organizationId" | "userId" | "apiKeyId">): TestPayer {
  return {
    ...ids,
    organizationPeriod: "month",
    organizationVersion: 1,
    userPeriod: "month",
    userVersion: 1,
    apiKeyPeriod: "month",
    apiKeyVersion: 1,
    appId: null,
    appPeriod: "month",
    appVersion: null,
    tags: [],
    metadataId: null,
  };
}

const insertOrganization = (sql: postgres.Sql, name: string) =>
  insert(sql`INSERT INTO organizations (name) VALUES (${name}) RETURNING id`);

async function insert(query: postgres.PendingQuery<postgres.Row[]>): Promise<string> {
  return firstRow(await query).id;
}
