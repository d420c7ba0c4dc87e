import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { databaseGates } from "#lib/credit/batching/tenant-lanes";
import type { HoldRequest } from "#lib/credit/ledger/hold";
import { parseUsd } from "#lib/credit/money";
import { uuidv7 } from "#lib/credit/request-id";
import { aRequest, aSettlement, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { endedItem, replayer, settledItem, sweptItem } from "./replay";

const ledger = await ledgerOfFile();

const DAY_MS = 86_400_000;
const newReplayer = () => replayer(ledger.sql, databaseGates(), 5_000);

/** The items of a request that ended at `cost`, and of one that never ended. */
const ended = (request: HoldRequest, costUsd: string, createdAt = new Date()) =>
  endedItem({ ...aSettlement(request, costUsd), createdAt: createdAt.toISOString() });
const unended = (request: HoldRequest, createdAt = new Date()) => sweptItem(request, createdAt.toISOString());

async function bucketsOf(payer: TestPayer) {
  const rows = await ledger.sql<{ scope: string; period: string; start: string; spent: string }[]>`
    SELECT scope_type AS scope, period, (period_start AT TIME ZONE 'UTC')::date::text AS start,
      trim_scale(spent_usd)::text AS spent
    FROM counters WHERE scope_id IN (${payer.organizationId}, ${payer.userId}, ${payer.apiKeyId})
    ORDER BY scope_type, period, period_start`;
  return rows.map((row) => ({ ...row }));
}

/** A scope's counter without open holds. */
const charged = (scope_type: string, spent: string) => ({ scope_type, spent, held: "0", open: 0 });

describe("the replay of a journalled request", () => {
  test("inserts its row, flagged, and charges every scope", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    await newReplayer()(ended(request, "0.25"));
    expect(await ledger.ledgerRow(request.id)).toMatchObject({
      status: "settled",
      fail_open: true,
      hold_usd: "1.000000000000",
      cost_usd: "0.250000000000",
      overrun_usd: "0.000000000000",
      model: "demo",
      provider: "fake",
      instance_id: null,
    });
    expect(await ledger.countersOf(payer)).toEqual([
      charged("organization", "0.25"),
      charged("user", "0.25"),
      charged("api_key", "0.25"),
    ]);
    expect(await ledger.rollupOf(payer)).toMatchObject({ requests: "1", cost: "0.25" });
  });

  test("records the cost above its hold as overrun", async () => {
    const request = aRequest(await createTenant(ledger.sql), "1");
    await newReplayer()(ended(request, "1.5"));
    expect(await ledger.ledgerRow(request.id)).toMatchObject({ overrun_usd: "0.500000000000" });
  });

  test("charges its input and a margin if its process died, as a sweep does", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    await newReplayer()(unended(request));
    expect(await ledger.ledgerRow(request.id)).toMatchObject({
      status: "swept",
      fail_open: true,
      cost_usd: "0.100000000000",
      input_tokens: "100",
      output_tokens: "1",
      usage_source: "estimated",
      error_code: "gateway_died",
    });
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0.1", held: "0" });
  });

  test("inserts a row without a cost if no provider billed it", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    const createdAt = new Date().toISOString();
    await newReplayer()(endedItem({ ...aSettlement(request, "0"), createdAt, status: "released" }));
    expect(await ledger.ledgerRow(request.id)).toMatchObject({ status: "released", fail_open: true });
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0", held: "0" });
  });

  test("ends a hold that the database did receive", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    await ledger.placeHold(request);
    await newReplayer()(ended({ ...request, holdPicoUsd: parseUsd("0.5") }, "0.25"));
    const row = await ledger.ledgerRow(request.id);
    expect(row).toMatchObject({ status: "settled", fail_open: true, hold_usd: "1.000000000000" });
    expect((await ledger.countersOf(payer))[0]).toEqual(charged("organization", "0.25"));
  });

  test("lets a hold that arrives later hold nothing", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    await newReplayer()(ended(request, "0.25"));
    await ledger.placeHold(request);
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0.25", held: "0", open: 0 });
  });

  test("does not affect the others in a batch when an item cannot be stored", async () => {
    const payer = await createTenant(ledger.sql);
    const [good, bad] = [aRequest(payer, "1"), aRequest(payer, "1")];
    const replay = newReplayer();
    const outcomes = await Promise.allSettled([
      replay(ended(good, "0.25")),
      replay({ ...ended(bad, "0.25"), input_tokens: "many" }),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected"]);
  });
});

describe("the bucket", () => {
  test("is that of the admission time, in the period of each scope's budget", async () => {
    const payer = await createTenant(ledger.sql);
    await ledger.sql`UPDATE users SET budget_period = 'day', budget_limit_usd = 9 WHERE id = ${payer.userId}`;
    await ledger.sql`UPDATE api_keys SET budget_period = 'total', budget_limit_usd = 9 WHERE id = ${payer.apiKeyId}`;
    const at = new Date(Date.now() - 3 * DAY_MS);
    // The payer still carries the periods from when it was read: `month`.
    await newReplayer()(ended(aRequest(payer, "1"), "0.25", at));
    const day = at.toISOString().slice(0, 10);
    expect(await bucketsOf(payer)).toEqual([
      { scope: "organization", period: "month", start: `${day.slice(0, 7)}-01`, spent: "0.25" },
      { scope: "user", period: "day", start: day, spent: "0.25" },
      { scope: "api_key", period: "total", start: "1970-01-01", spent: "0.25" },
    ]);
  });

  test("of a deleted scope is in the period as last read", async () => {
    const payer = { ...(await createTenant(ledger.sql)), userPeriod: "week" as const };
    await ledger.sql`DELETE FROM api_keys WHERE id = ${payer.apiKeyId}`;
    await ledger.sql`DELETE FROM users WHERE id = ${payer.userId}`;
    await ledger.sql`DELETE FROM organizations WHERE id = ${payer.organizationId}`;
    await newReplayer()(ended(aRequest(payer, "1"), "0.25"));
    expect((await bucketsOf(payer)).map(({ scope, period, spent }) => [scope, period, spent])).toEqual([
      ["organization", "month", "0.25"],
      ["user", "week", "0.25"],
      ["api_key", "month", "0.25"],
    ]);
  });

  test("is never in the future, even if the gateway's clock is ahead", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    await newReplayer()(ended(request, "0.25", new Date(Date.now() + 70 * DAY_MS)));
    expect((await ledger.ledgerRow(request.id))?.created_at.getTime()).toBeLessThanOrEqual(
      Date.now() + 1_000,
    );
    expect(await bucketsOf(payer)).toHaveLength(3);
  });
});

test("counts every request once, replayed in any order, repeatedly and by several processes at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ cost: fc.bigInt({ min: 0n, max: 10n ** 13n }), dies: fc.boolean(), held: fc.boolean() }),
        { minLength: 1, maxLength: 12 },
      ),
      fc.infiniteStream(fc.nat()),
      async (requests, draw) => {
        const next = () => draw.next().value ?? 0;
        const payer = await createTenant(ledger.sql);
        const items = [];
        let total = 0n;
        for (const { cost, dies, held } of requests) {
          const request = aRequest(payer, "1");
          if (held) await ledger.placeHold(request);
          items.push(unended(request));
          if (!dies)
            items.push(endedItem({ ...aSettlement(request, "0"), costPicoUsd: cost, createdAt: null }));
          total += dies ? request.ifSweptPicoUsd : cost;
        }
        const replays = [newReplayer(), newReplayer(), newReplayer()];
        const copies = [...items, ...items, ...items].map((item) => ({ item, place: next() }));
        copies.sort((a, b) => a.place - b.place);
        await Promise.all(copies.map(({ item }) => replays[next() % 3]?.(item)));

        const [row] = await ledger.sql<{ rows: number; cost: string; open: number }[]>`
          SELECT count(*)::int AS rows, sum(cost_usd)::text AS cost, count(*) FILTER (WHERE status = 'held')::int AS open
          FROM ledger WHERE organization_id = ${payer.organizationId}`;
        expect(row).toMatchObject({ rows: requests.length, open: 0 });
        expect(parseUsd(row?.cost ?? "")).toBe(total);
        for (const counter of await ledger.countersOf(payer)) {
          expect([parseUsd(counter.spent), counter.held, counter.open]).toEqual([total, "0", 0]);
        }
        const rollup = await ledger.rollupOf(payer);
        expect(rollup?.requests).toBe(String(requests.length));
        expect(parseUsd(rollup?.cost)).toBe(total);
      },
    ),
    { numRuns: 40 },
  );
});

describe("a settlement that its process could not deliver", () => {
  test("corrects a row that was swept meanwhile by the difference, and does not flag it", async () => {
    const payer = await createTenant(ledger.sql);
    const dying = ledger.process();
    const settlement = await ledger.heldAnd(aRequest(payer, "1"), "0.75", dying.placeHold);
    await dying.expireLease();
    await ledger.sql`SELECT tollgate_sweep_v1(100)`;
    const replay = newReplayer();
    await replay(settledItem(settlement));
    await replay(settledItem(settlement));
    expect(await ledger.ledgerRow(settlement.hold.id)).toMatchObject({
      status: "settled",
      cost_usd: "0.750000000000",
      fail_open: false,
    });
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0.75", held: "0", open: 0 });
  });
});

describe("after retention has deleted old requests, the replay of one that was", () => {
  const KEPT_FROM = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 30 * DAY_MS);
  const LONG_AGO = new Date(KEPT_FROM.getTime() - DAY_MS);
  const deleteOld = async () => {
    await ledger.sql`SELECT tollgate_delete_requests_v1(${KEPT_FROM.toISOString()}, 1000)`;
  };
  const old = (payer: TestPayer): HoldRequest => ({
    ...aRequest(payer, "1"),
    id: uuidv7(LONG_AGO.getTime()),
  });

  test.each([
    ["admitted without the database", (request: HoldRequest) => ended(request, "0.25", LONG_AGO)],
    ["whose process died", (request: HoldRequest) => unended(request, LONG_AGO)],
    [
      "journalled by a process that ended",
      (request: HoldRequest) =>
        settledItem({ ...aSettlement(request, "0.25"), createdAt: LONG_AGO.toISOString() }),
    ],
  ])("%s is rejected, since it may have been charged already", async (_, itemOf) => {
    const payer = await createTenant(ledger.sql);
    await ledger.sql`UPDATE ledger_state SET kept_from = 'epoch'`;
    const item = itemOf(old(payer));
    expect(await newReplayer()(item)).toBe("replayed");
    const charged = await spentOf(payer);
    await deleteOld();
    expect(await ledger.ledgerRow(item.id)).toBeUndefined();
    expect(await newReplayer()(item)).toBe("too_old");
    expect(await ledger.ledgerRow(item.id)).toBeUndefined();
    expect(await spentOf(payer)).toEqual(charged);
  });

  test("leaves rows that still exist, and newer requests, to end as usual", async () => {
    await deleteOld();
    const payer = await createTenant(ledger.sql);
    const [held, recent, gone] = [old(payer), aRequest(payer, "1"), old(payer)];
    await ledger.placeHold(held);
    await ledger.sql`UPDATE ledger SET created_at = ${LONG_AGO.toISOString()} WHERE id = ${held.id}`;
    const replay = newReplayer();
    const outcomes = await Promise.all([
      replay(ended(gone, "1", LONG_AGO)),
      replay(ended(held, "0.25", LONG_AGO)),
      replay(ended(recent, "0.5")),
    ]);
    expect(outcomes).toEqual(["too_old", "replayed", "replayed"]);
    expect(await ledger.ledgerRow(held.id)).toMatchObject({ status: "settled", cost_usd: "0.250000000000" });
    expect(await ledger.ledgerRow(recent.id)).toMatchObject({
      status: "settled",
      cost_usd: "0.500000000000",
    });
    expect(await ledger.ledgerRow(gone.id)).toBeUndefined();
  });

  async function spentOf(payer: TestPayer) {
    const rows = await ledger.sql<{ spent: string }[]>`
      SELECT sum(spent_usd)::text AS spent FROM counters WHERE scope_id = ${payer.organizationId} GROUP BY scope_id`;
    return rows.map(({ spent }) => spent);
  }
});
