import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, inject } from "vitest";
import { type Db, openControlDb } from "#lib/db/client";

export type TestDatabase = {
  url: string;
  /** A client that `drop()` closes. */
  sql: postgres.Sql;
  /** Opens a client of the control plane that `drop()` closes: a replica's, or the test's own. */
  control(connections?: number): Db;
  drop(): Promise<void>;
};

/** Creates a migrated database for one test file: cloned from the run's template in some 20 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return cloneOf("tollgate_template");
}

/** Creates the database of a test file and drops it after the tests. */
export async function databaseOfFile(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  afterAll(() => database.drop());
  return database;
}

/** Creates a database without tables, for tests of the migrations. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return cloneOf("template0");
}

async function cloneOf(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await maintain(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  const sql = postgres(url.href, { max: 10, onnotice: () => {} });
  return withClients(url.href, sql, () => maintain(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}

/** Keeps track of a database's clients: `drop()` closes them before `remove` runs. */
export function withClients(
  url: string,
  sql: postgres.Sql,
  remove: () => Promise<void>,
  timeoutS = 5,
): TestDatabase {
  const clients = [sql];
  return {
    url,
    sql,
    control: (connections) => {
      const db = openControlDb(url, connections);
      clients.push(db.$client);
      return db;
    },
    drop: async () => {
      await Promise.all(clients.map((client) => client.end({ timeout: timeoutS })));
      await remove();
    },
  };
}

async function maintain(statement: string): Promise<void> {
  const admin = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end();
  }
}
