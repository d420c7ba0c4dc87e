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
import { newestDays } from "./reconciled-days";

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
      from: null,
      to: null,
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

  test("checks some days: their usage, and the counters of periods within them", async () => {
    const of = async (from: string, to?: string) => {
      const { counters, usage, rollups, ...days } = await reconcile(ctx, { from, to });
      expect([days.from, days.to]).toEqual([from, to ?? null]);
      return { counters: counters.checked, usage: usage.checked, different: days.differences, rollups };
    };
    const now = new Date();
    const [month, next] = [0, 1].map((months) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString().slice(0, 10),
    );
    if (month === undefined || next === undefined) return expect.fail();
    const whole = await reconcile(ctx);
    await ledger.sql`UPDATE counters SET spent_usd = spent_usd + 1 WHERE scope_id = ${payer.userId}`;
    expect(await of(month)).toMatchObject({
      counters: whole.counters.checked,
      usage: whole.usage.checked,
      different: 1,
    });
    await ledger.sql`UPDATE counters SET spent_usd = spent_usd - 1 WHERE scope_id = ${payer.userId}`;
    expect(await of("2020-01-01", "2020-02-01")).toMatchObject({ counters: 0, usage: 0, different: 0 });
    expect(await of(month, month)).toMatchObject({ counters: 0, usage: 0, different: 0 });
    expect(await of(month, next)).toMatchObject({
      counters: whole.counters.checked,
      usage: whole.usage.checked,
      different: 0,
    });
    await expect(reconcile(ctx, { from: next, to: month })).rejects.toThrow(/end is before the start/);
  });

  test("checks the newest days of a ledger that has too many requests for a page", async () => {
    const request = aRequest(payer, "0.5");
    const settlement = await ledger.heldAnd(request, "0.25");
    const [row] = await ledger.sql`
      INSERT INTO ledger SELECT (jsonb_populate_record(l, jsonb_build_object('id', '01890000-0000-7000-8000-000000000000',
        'created_at', '2023-06-28T10:00:00Z', 'counter_ids', '{}'::text))).* FROM ledger l WHERE l.id = ${request.id} RETURNING id`;
    const newest = await ctx.db.transaction((tx) => newestDays(tx, undefined, 0));
    expect(newest.from?.toISOString().slice(0, 10)).toBe(new Date().toISOString().slice(0, 10));
    const [all] = await ledger.sql`SELECT count(*)::int AS rows FROM ledger`;
    const oldest = await ctx.db.transaction((tx) => newestDays(tx, undefined, all?.rows - 1));
    expect(oldest.from?.toISOString()).toBe("2023-06-28T00:00:00.000Z");
    expect(await ctx.db.transaction((tx) => newestDays(tx, undefined, all?.rows))).toEqual({
      from: undefined,
      to: undefined,
    });
    await ledger.sql`DELETE FROM ledger WHERE id = ${row?.id}`;
    await ledger.settlements.settle(settlement);
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
