import { describe, expect, test } from "vitest";
import { derivedSecrets } from "#lib/auth/derived-secrets";
import { seedDemo } from "#lib/boot/demo/seed-demo";
import { rollUpUsage } from "#lib/credit/ledger/roll-up";
import { aRequest, aSettlement, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant } from "#lib/db/testing/tenant";
import { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import { testContext, tokenActor } from "#lib/services/testing/context";
import { providerUsage } from "./provider-usage";
import { reconcile } from "./reconcile";

const ledger = await ledgerOfFile();
const db = ledger.control(4);
const ctx = testContext(db);
const payer = await createTenant(ledger.sql);

/** Rows in every state that a request can reach. */
async function createRowsOfEveryKind(): Promise<void> {
  const held = await ledger.heldAnd(aRequest(payer, "0.5"), "0.1");
  const settled = await ledger.heldAnd(aRequest(payer, "0.5"), "0.123456789012");
  await ledger.settlements.settle(settled);
  const released = await ledger.heldAnd(aRequest(payer, "0.5"), "0");
  await ledger.settlements.settle({ ...released, status: "released", httpStatus: 400 });
  const dead = ledger.process();
  const late = await ledger.heldAnd(aRequest(payer, "0.5"), "0.2", dead.placeHold);
  await ledger.heldAnd(aRequest(payer, "0.5"), "0.3", dead.placeHold);
  await dead.expireLease();
  await ledger.sql`SELECT tollgate_sweep_v1(10)`;
  await dead.settlements.settle(late);
  // A request whose hold was never stored.
  await ledger.settlements.settle({ ...aSettlement(aRequest(payer, "0.5"), "0"), status: "released" });
  await createAdjustment(ctx, { scope: { user_id: payer.userId }, amount_usd: "-0.01", reason: "test" });
  await ledger.settlements.settle({ ...held, httpStatus: 200 });
  await ledger.heldAnd(aRequest(payer, "0.7"), "0");
}

describe("reconciliation", () => {
  test("finds no difference after requests of every kind", async () => {
    await createRowsOfEveryKind();
    const report = await reconcile(ctx);
    expect(report).toEqual({
      checked_at: expect.stringMatching(/Z$/),
      differences: 0,
      counters: { checked: 3, different: 0, data: [] },
      usage: { checked: expect.any(Number), different: 0, data: [] },
      rollups: { checked: 0, different: 0 },
    });
    expect(report.usage.checked).toBeGreaterThan(0);
  });

  test("is consistent during concurrent requests", async () => {
    let busy = true;
    const traffic = Array.from({ length: 8 }, async () => {
      while (busy) await ledger.settlements.settle(await ledger.heldAnd(aRequest(payer, "0.5"), "0.000001"));
    });
    for (let round = 0; round < 10; round++) expect(await reconcile(ctx)).toMatchObject({ differences: 0 });
    busy = false;
    await Promise.all(traffic);
  });

  test("lists each wrong counter with all its figures", async () => {
    const [row] = await ledger.sql`
      UPDATE counters SET spent_usd = spent_usd + 0.000000000001, held_usd = held_usd - 0.5, open_holds = open_holds + 1
      WHERE scope_id = ${payer.userId} RETURNING trim_scale(spent_usd)::text AS spent`;
    const report = await reconcile(ctx);
    expect(report).toMatchObject({ differences: 1, counters: { different: 1 }, usage: { different: 0 } });
    expect(report.counters.data).toMatchObject([
      {
        scope: { type: "user", id: payer.userId },
        period: "month",
        counter: { spent_usd: row?.spent, held_usd: "0.2", open_holds: 2 },
        ledger: { held_usd: "0.7", open_holds: 1 },
      },
    ]);
    await ledger.sql`
      UPDATE counters SET spent_usd = spent_usd - 0.000000000001, held_usd = held_usd + 0.5, open_holds = open_holds - 1
      WHERE scope_id = ${payer.userId}`;
    expect(await reconcile(ctx)).toMatchObject({ differences: 0 });
  });

  test("counts opening balances", async () => {
    const add = (usd: string) =>
      ledger.sql`UPDATE counters SET spent_usd = spent_usd + ${usd}, opening_usd = opening_usd + ${usd} WHERE scope_id = ${payer.userId}`;
    await add("7");
    expect(await reconcile(ctx)).toMatchObject({ differences: 0 });
    await add("-7");
  });

  test("lists rows that name a missing counter", async () => {
    await ledger.sql`UPDATE ledger SET counter_ids = counter_ids || 999999::bigint WHERE api_key_id = ${payer.apiKeyId} AND status = 'held'`;
    expect((await reconcile(ctx)).counters.data).toMatchObject([
      { scope: null, period: null, counter: { held_usd: "0" }, ledger: { held_usd: "0.7", open_holds: 1 } },
    ]);
    await ledger.sql`UPDATE ledger SET counter_ids = array_remove(counter_ids, 999999::bigint) WHERE api_key_id = ${payer.apiKeyId}`;
  });

  test("lists hours whose rollup is wrong or missing", async () => {
    await rollUpUsage(ledger.sql);
    const [hours] = await ledger.sql`
      SELECT count(*)::int AS count FROM usage_hourly WHERE api_key_id = ${payer.apiKeyId} AND provider = 'fake'`;
    const addCachedTokens = (tokens: number) => ledger.sql`
      UPDATE usage_quarters q SET cached_tokens = cached_tokens + ${tokens} FROM usage_groups g
      WHERE g.id = q.group_id AND g.api_key_id = ${payer.apiKeyId} AND g.provider = 'fake'`;
    await addCachedTokens(1);
    expect((await reconcile(ctx)).usage).toMatchObject({ different: hours?.count });
    await addCachedTokens(-1);
    const other = await createTenant(ledger.sql);
    await ledger.settlements.settle(await ledger.heldAnd(aRequest(other, "0.5"), "0.25"));
    const removed = await ledger.sql`DELETE FROM usage_pending WHERE user_id = ${other.userId} RETURNING *`;
    const { usage } = await reconcile(ctx);
    await ledger.sql`INSERT INTO usage_pending ${ledger.sql(removed)}`;
    expect(usage.data).toMatchObject([
      {
        organization_id: other.organizationId,
        user_id: other.userId,
        app_id: null,
        model: "demo",
        provider: "fake",
        rollup: { requests: 0, cost_usd: "0" },
        ledger: {
          requests: 1,
          errors: 0,
          input_tokens: 10,
          output_tokens: 5,
          cached_tokens: 4,
          cost_usd: "0.25",
        },
      },
    ]);
  });

  test.each([
    "UPDATE usage_days SET errors = errors + $1 WHERE cut = 'caller'",
    "UPDATE usage_days SET requests = requests + $1 WHERE cut = 'organization'",
    "UPDATE usage_days SET cost_usd = cost_usd + $1 WHERE cut = 'owner'",
    "UPDATE usage_days SET ttft = ttft + $1 WHERE cut = 'installation'",
    "UPDATE usage_quarters SET latency = latency + $1 WHERE cut = 'organization'",
    "UPDATE usage_totals SET cost_usd = cost_usd + $1",
  ])("finds a rollup that differs from what it sums: %s", async (statement) => {
    await rollUpUsage(ledger.sql);
    expect((await reconcile(ctx)).rollups).toMatchObject({ different: 0 });
    await ledger.sql.unsafe(statement, [1]);
    const { rollups, differences } = await reconcile(ctx);
    await ledger.sql.unsafe(statement, [-1]);
    expect(rollups.checked).toBeGreaterThan(0);
    expect(rollups.different).toBeGreaterThan(0);
    expect(differences).toBe(rollups.different);
  });

  test.each(["org_admin", "member", "viewer"] as const)("rejects a %s", async (role) => {
    const others = testContext(db, tokenActor(role, payer.organizationId));
    await expect(reconcile(others)).rejects.toMatchObject({ code: "forbidden" });
    await expect(
      providerUsage(others, { provider: "fake", from: "2026-01-01", to: "2026-01-02" }),
    ).rejects.toMatchObject({ code: "forbidden" });
  });

  test("finds no difference in the demo data", async () => {
    const ENCRYPTION_KEY = "k".repeat(44);
    const config = { ENCRYPTION_KEY, BLOCK_PRIVATE_UPSTREAMS: false, ALLOW_PRIVATE_WEBHOOKS: false };
    await seedDemo(db, config, derivedSecrets(ENCRYPTION_KEY));
    const report = await reconcile(ctx);
    expect(report.counters.checked).toBeGreaterThan(10);
    expect(report).toMatchObject({ differences: 0 });
  });
});

describe("the usage of a provider", () => {
  const ofProvider = (provider: string, from = "2026-03-01", to = "2026-03-03") =>
    providerUsage(ctx, { provider, from, to });

  test("is exact by UTC day and the provider's name of the model", async () => {
    const add = (
      at: string,
      model: string | null,
      row: { status?: string; source?: string } = {},
    ) => ledger.sql`
      INSERT INTO ledger (id, created_at, status, organization_id, endpoint, model, upstream_model, provider, input_tokens,
        output_tokens, cost_usd, usage_source, counter_ids)
      VALUES (tollgate_id_floor(${at}::timestamptz + random() * interval '1 second'), ${at}, ${row.status ?? "settled"},
        ${payer.organizationId}, 'chat/completions', 'ours', ${model}, 'acme', 100, 10, 0.000000000003,
        ${row.source ?? "provider"}, '{}')`;
    await add("2026-02-28T23:59:58Z", "theirs-1");
    await add("2026-03-01T00:00:00Z", "theirs-1");
    await add("2026-03-01T23:59:58Z", "theirs-1", { source: "estimated", status: "swept" });
    await add("2026-03-01T12:00:00Z", null);
    await add("2026-03-02T12:00:00Z", "theirs-1");
    await add("2026-03-02T12:00:00Z", "theirs-1", { status: "released" });
    await add("2026-03-03T00:00:00Z", "theirs-1");
    const one = {
      requests: 1,
      estimated_requests: 0,
      input_tokens: 100,
      output_tokens: 10,
      cost_usd: "0.000000000003",
    };
    expect(await ofProvider("acme")).toEqual({
      data: [
        { ...one, day: "2026-03-01", model: "ours" },
        {
          day: "2026-03-01",
          model: "theirs-1",
          requests: 2,
          estimated_requests: 1,
          input_tokens: 200,
          output_tokens: 20,
          cost_usd: "0.000000000006",
        },
        { ...one, day: "2026-03-02", model: "theirs-1" },
      ],
    });
    expect(await ofProvider("unknown")).toEqual({ data: [] });
  });

  test("covers at most a year, and rejects a range that ends before it starts", async () => {
    await expect(ofProvider("acme", "2026-03-02", "2026-03-01")).rejects.toMatchObject({ code: "invalid" });
    await expect(ofProvider("acme", "2024-03-02", "2026-03-01")).rejects.toMatchObject({ code: "invalid" });
  });

  test("rejects days that retention has removed", async () => {
    await ledger.sql`UPDATE ledger_state SET kept_from = '2026-03-01T01:00:00Z'`;
    await expect(ofProvider("acme")).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("2026-03-01T01:00"),
    });
    expect((await ofProvider("acme", "2026-03-02")).data).toHaveLength(1);
    await ledger.sql`UPDATE ledger_state SET kept_from = 'epoch'`;
  });
});
