import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";

export type TestDatabase = {
  url: string;
  /** A client that `drop()` closes. */
  sql: postgres.Sql;
  drop(): Promise<void>;
};

/** Creates a migrated database for one test file: cloned from the run's template in some 20 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return cloneOf("tollgate_template");
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
  return {
    url: url.href,
    sql,
    drop: async () => {
      await sql.end({ timeout: 5 });
      await maintain(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
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
