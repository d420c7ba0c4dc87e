import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Tx } from "#lib/db/client";
import { worldOfFile } from "#lib/services/testing/world";
import { claimAccount } from "./claim-account";

const { db } = await worldOfFile();

/** Reads of the whole table in this transaction. */
async function wholeReads(tx: Tx): Promise<number> {
  const rows = await tx.execute<{ reads: number }>(
    sql`SELECT seq_scan::int AS reads FROM pg_stat_xact_user_tables WHERE relname = 'accounts'`,
  );
  return rows[0]?.reads ?? 0;
}

test("a sign-in among many accounts reads none but those with its e-mail address", async () => {
  await db.execute(sql`INSERT INTO accounts (email, password_hash, email_confirmed_at)
    SELECT 'Person-' || n || '@many.test', 'x', CASE WHEN n % 2 = 0 THEN now() END FROM generate_series(1, 20000) n`);
  await db.execute(sql`ANALYZE accounts`);
  await db.transaction(async (tx) => {
    const before = await wholeReads(tx);
    const email = "person-7@many.test";
    const byPassword = sql`SELECT id FROM accounts WHERE lower(email) = ${email} AND password_hash IS NOT NULL`;
    expect(await tx.execute(byPassword)).toHaveLength(1);
    const claims = { iss: "https://issuer.test", sub: "7", email, email_verified: true, name: null };
    expect(await claimAccount(tx, claims, null)).toBeNull();
    expect((await wholeReads(tx)) - before).toBe(0);
  });
});
