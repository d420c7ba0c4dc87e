import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/auth/actor";
import { beginDrain } from "#lib/config/drain-state";
import { forgetDrain } from "#lib/config/testing/forget-drain";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { uuidv7 } from "#lib/credit/request-id";
import { openControlDb } from "#lib/db/client";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { databaseHealth } from "./database-health";
import { canServe } from "./probes";
import { providerHealth } from "./provider-health";
import { readHealth } from "./read-health";

const database = await databaseOfFile();
const db = database.control();
beforeEach(async () => {
  await database.sql`DELETE FROM providers`;
  await database.sql`DELETE FROM ledger`;
  await database.sql`INSERT INTO providers (name, type) VALUES ('steady', 'simulated'), ('shaky', 'simulated')`;
});

async function answered(provider: string, errorCode: string | null, minutesAgo = 0) {
  const at = Date.now() - minutesAgo * 60_000;
  await database.sql`
    INSERT INTO ledger (id, created_at, status, organization_id, endpoint, model, provider, error_code, counter_ids)
    VALUES (${uuidv7(at)}, ${new Date(at)}, 'settled', ${randomUUID()}, 'chat/completions', 'm', ${provider},
            ${errorCode}, '{}')`;
}

const actor = (role: Role): Actor => ({
  kind: "user",
  id: randomUUID(),
  name: "A",
  email: "a@b.example",
  role,
  organizationId: null,
});
const noActor = async () => null;
const noMail = async () => ({ configured: false as const });
const inMemory = async () => ({ configured: false as const, replicas: 1 });

/** As administrators see it. */
const healthOf = (database: typeof db) =>
  readHealth(
    async () => actor("admin"),
    () => database,
    inMemory,
    noMail,
  );

describe("the health of a provider", () => {
  test("is good without any requests", async () => {
    expect(await providerHealth(db)).toEqual({ steady: true, shaky: true });
  });

  test("is bad after three provider errors in a row, and good again after the next response", async () => {
    await answered("shaky", "upstream_error", 3);
    await answered("shaky", "upstream_timeout", 2);
    expect(await providerHealth(db)).toEqual({ steady: true, shaky: true });
    await answered("shaky", "upstream_error", 1);
    expect(await providerHealth(db)).toEqual({ steady: true, shaky: false });
    await answered("shaky", null);
    expect(await providerHealth(db)).toEqual({ steady: true, shaky: true });
  });

  test("ignores client errors and old provider errors", async () => {
    for (let times = 0; times < 4; times++) {
      await answered("steady", "client_closed_request");
      await answered("shaky", "upstream_error", 11);
    }
    expect(await providerHealth(db)).toEqual({ steady: true, shaky: true });
  });

  test("is bad while one of its targets is down", async () => {
    const [shaky] = await database.sql`SELECT id FROM providers WHERE name = 'shaky'`;
    await database.sql`SELECT tollgate_target_down_v1(${shaky?.id}, '', 'm', 'it failed')`;
    expect(await providerHealth(db)).toEqual({ steady: true, shaky: false });
    await database.sql`SELECT tollgate_target_up_v1(${shaky?.id}, '', 'm')`;
    expect(await providerHealth(db)).toEqual({ steady: true, shaky: true });
  });

  test("leaves out disabled providers", async () => {
    await database.sql`UPDATE providers SET enabled = false WHERE name = 'shaky'`;
    expect(await providerHealth(db)).toEqual({ steady: true });
  });
});

describe("/health", () => {
  test("shows the status to everyone, without names", async () => {
    const { health, serving } = await readHealth(noActor, () => db, inMemory, noMail);
    expect(serving).toBe(true);
    expect(health).toEqual({ status: "healthy", timestamp: expect.stringMatching(/Z$/) });
    for (const role of ["org_admin", "member", "viewer"] as const) {
      const seen = await readHealth(
        async () => actor(role),
        () => db,
        inMemory,
        noMail,
      );
      expect(Object.keys(seen.health)).toEqual(["status", "timestamp"]);
    }
  });

  test("shows METRICS_TOKEN the details, also while the database is unavailable", async () => {
    const details = { database: { healthy: true }, providers: { steady: { healthy: true } } };
    expect((await readHealth("monitor", () => db, inMemory, noMail)).health).toMatchObject(details);
    const away = openControlDb("postgres://u:p@127.0.0.1:1/x");
    const { health } = await readHealth("monitor", () => away, inMemory, noMail);
    expect(health).toMatchObject({ status: "degraded", database: { healthy: false }, providers: {} });
    await away.$client.end();
  });

  test("shows administrators the unhealthy part: degraded, and still serving", async () => {
    for (let times = 0; times < 3; times++) await answered("shaky", "upstream_error");
    const { health, serving } = await healthOf(db);
    expect(serving).toBe(true);
    expect(health).toMatchObject({
      status: "degraded",
      database: { healthy: true, latency_ms: expect.any(Number) },
      redis: { configured: false, replicas: 1 },
      providers: { steady: { healthy: true }, shaky: { healthy: false } },
    });
  });

  test("does not serve while the database is unavailable", async () => {
    const away = openControlDb("postgres://u:p@127.0.0.1:1/x");
    const { health, serving } = await healthOf(away);
    expect(serving).toBe(false);
    expect(health.status).toBe("degraded");
    await away.$client.end();
  });

  test("is degraded and still serving then, if an organization fails open", async () => {
    const away = openControlDb("postgres://u:p@127.0.0.1:1/x");
    Object.assign(failOpenState(), { waiting: 3, rejected: 1, canServe: () => true });
    const absent = await readHealth(noActor, () => away, inMemory, noMail);
    expect([absent.serving, absent.health.status]).toEqual([true, "degraded"]);
    expect(await canServe(() => away)).toBe(true);
    const back = await healthOf(db);
    expect(back.health.journal).toEqual({ waiting: 3, rejected: 1 });
    Reflect.deleteProperty(globalThis, Symbol.for("tollgate.fail-open"));
    expect(await canServe(() => away)).toBe(false);
    await away.$client.end();
  });

  describe("with Redis", () => {
    const seenBy = (who: Actor | null, healthy: boolean) =>
      readHealth(
        async () => who,
        () => db,
        async () => ({ configured: true, healthy, latencyMs: healthy ? 0.4 : null, replicas: null }),
        noMail,
      );

    test("is degraded and still serving while Redis is unavailable", async () => {
      const { health, serving } = await seenBy(actor("admin"), false);
      expect(serving).toBe(true);
      expect(health).toMatchObject({
        status: "degraded",
        redis: { configured: true, healthy: false, latency_ms: null },
      });
      expect((await seenBy(null, false)).health.status).toBe("degraded");
    });

    test("is healthy once Redis is back", async () => {
      const { health } = await seenBy(actor("admin"), true);
      expect(health).toMatchObject({
        status: "healthy",
        redis: { configured: true, healthy: true, latency_ms: 0.4 },
      });
    });
  });

  test("is degraded and still serving while the mail server is unreachable", async () => {
    const seen = async (healthy: boolean) =>
      readHealth(
        async () => actor("admin"),
        () => db,
        inMemory,
        async () => ({ configured: true, healthy }),
      );
    expect(await seen(false)).toMatchObject({
      serving: true,
      health: { status: "degraded", mail: { configured: true, healthy: false } },
    });
    expect((await seen(true)).health.status).toBe("healthy");
  });

  test("shows administrators that replicas without Redis each enforce a share", async () => {
    const { health } = await readHealth(
      async () => actor("admin"),
      () => db,
      async () => ({ configured: false, replicas: 3 }),
      noMail,
    );
    expect(health).toMatchObject({
      status: "healthy",
      redis: { configured: false, replicas: 3, note: expect.stringMatching(/share of 1\/3.*REDIS_URL/) },
    });
  });

  describe("while draining", () => {
    afterEach(forgetDrain);
    test("does not serve", async () => {
      beginDrain();
      const { health, serving } = await readHealth(noActor, () => db, inMemory, noMail);
      expect([serving, health.status]).toEqual([false, "degraded"]);
    });
  });
});

describe("a frozen database, which accepts connections but never answers,", () => {
  test("is unhealthy after two seconds, and gets no second query while one is open", async () => {
    let connections = 0;
    const frozen = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => frozen.listen(0, "127.0.0.1", resolve));
    const address = frozen.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const stuck = openControlDb(`postgres://u:p@127.0.0.1:${port}/x`);

    const startedAt = performance.now();
    const probes = await Promise.all([databaseHealth(() => stuck), databaseHealth(() => stuck)]);
    expect(probes).toEqual(Array(2).fill({ healthy: false, latencyMs: null }));
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    expect(connections).toBe(1);
    await stuck.$client.end({ timeout: 0 });
    frozen.close();
  });
});
