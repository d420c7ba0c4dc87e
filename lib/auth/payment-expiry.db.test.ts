import { createHash } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { createTenant } from "#lib/db/testing/tenant";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { log } from "#lib/observability/log";
import { newApiKey } from "./api-key";
import { readCaller } from "./caller";

const hashSecret = (secret: string) => createHash("sha256").update(secret).digest();

const { sql } = await databaseOfFile();

/** A tenant whose user's payment expired `days` ago and is not marked yet. */
async function lateTenant(days: number) {
  const key = newApiKey("test");
  const tenant = await createTenant(sql, { keyHash: hashSecret(key) });
  await sql`UPDATE users SET payment_status = 'active',
    payment_valid_until = (now() AT TIME ZONE 'UTC')::date - ${days}::integer WHERE id = ${tenant.userId}`;
  const read = () => readCaller(sql, hashSecret, { kind: "key", key });
  const status = async () =>
    (await sql`SELECT payment_status FROM users WHERE id = ${tenant.userId}`)[0]?.payment_status;
  const audit = () => sql`SELECT * FROM audit_log WHERE subject_id = ${tenant.userId}`;
  return { ...tenant, read, status, audit };
}

describe("reading a caller whose payment has expired", () => {
  test("marks it as expired at once, and audits it once as the system", async () => {
    const tenant = await lateTenant(1);
    const findings = await Promise.all([tenant.read(), tenant.read(), tenant.read()]);
    findings.push(await tenant.read());
    for (const finding of findings)
      expect(finding).toMatchObject({ found: false, reason: "payment_expired" });
    expect(await tenant.status()).toBe("expired");
    const audit = await tenant.audit();
    expect(audit).toMatchObject([
      {
        action: "user.payment_expired",
        actor_id: "system",
        organization_id: tenant.organizationId,
        subject_type: "user",
        before: { payment_status: "active" },
        after: { payment_status: "expired", payment_valid_until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
      },
    ]);
  });

  test("marks it for an app's user too", async () => {
    const tenant = await lateTenant(1);
    await sql`UPDATE users SET external_id = 'oid' WHERE id = ${tenant.userId}`;
    await sql`INSERT INTO apps (name, organization_id, external_id, secret_hash)
      VALUES ('app', ${tenant.organizationId}, ${tenant.userId}, ${hashSecret("shared")})`;
    const credentials = { kind: "app", secret: "shared", appId: tenant.userId, userOid: "oid" } as const;
    expect(await readCaller(sql, hashSecret, credentials)).toMatchObject({
      found: false,
      reason: "payment_expired",
    });
    expect(await tenant.status()).toBe("expired");
  });

  test("accepts the last valid day, and an extended payment at once", async () => {
    const today = await lateTenant(0);
    expect(await today.read()).toMatchObject({ found: true });
    expect(await today.status()).toBe("active");
    const late = await lateTenant(1);
    await late.read();
    await sql`UPDATE users SET payment_valid_until = '2099-01-01', payment_status = 'active'
      WHERE id = ${late.userId}`;
    expect(await late.read()).toMatchObject({ found: true });
    expect(await late.audit()).toHaveLength(1);
  });

  test("does not wait for a locked user: the next request marks it", async () => {
    const tenant = await lateTenant(1);
    await sql.begin(async (tx) => {
      await tx`SELECT FROM users WHERE id = ${tenant.userId} FOR UPDATE`;
      expect(await tenant.read()).toMatchObject({ found: false, reason: "payment_expired" });
    });
    expect(await tenant.status()).toBe("active");
    await tenant.read();
    expect(await tenant.status()).toBe("expired");
  });

  test("rejects the caller even if marking fails, and logs that", async () => {
    const tenant = await lateTenant(1);
    await sql`ALTER TABLE audit_log ADD CONSTRAINT none CHECK (action <> 'user.payment_expired') NOT VALID`;
    const logged = vi.spyOn(log, "warn").mockReturnValue(undefined);
    expect(await tenant.read()).toMatchObject({ found: false, reason: "payment_expired" });
    expect(logged).toHaveBeenCalledOnce();
    logged.mockRestore();
    await sql`ALTER TABLE audit_log DROP CONSTRAINT none`;
    expect(await tenant.status()).toBe("active");
    expect(await tenant.audit()).toHaveLength(0);
  });
});
