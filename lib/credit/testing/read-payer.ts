import type { Sql } from "#lib/db/client";
import type { TestPayer } from "#lib/db/testing/tenant";

/** The payer with the current periods and versions of its rows, as requests read it. */
export async function readPayer(sql: Sql, payer: TestPayer): Promise<TestPayer> {
  const [row] = await sql`
    SELECT o.version AS ov, coalesce(o.budget_period, 'month') AS op, u.version AS uv,
      coalesce(u.budget_period, 'month') AS up, k.version AS kv, coalesce(k.budget_period, 'month') AS kp
    FROM organizations o, users u, api_keys k
    WHERE o.id = ${payer.organizationId} AND u.id = ${payer.userId} AND k.id = ${payer.apiKeyId}`;
  return {
    ...payer,
    organizationVersion: Number(row?.ov),
    organizationPeriod: row?.op,
    userVersion: Number(row?.uv),
    userPeriod: row?.up,
    apiKeyVersion: Number(row?.kv),
    apiKeyPeriod: row?.kp,
  };
}
