import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { turnstile } from "./gather";
import { type HoldRequest, holdPlacer, type PlaceHold } from "./hold";
import { parseUsd } from "./money";
import { uuidv7 } from "./request-id";
import { type Settlement, type Settler, settler } from "./settle";
import { renewLeases, sweepExpiredHolds } from "./sweep";

const newTurnstile = () => turnstile({ maxJobs: 4, patienceMs: 25 });

let database: TestDatabase;
let placeHold: PlaceHold;
let settlements: Settler;

beforeAll(async () => {
  database = await createTestDatabase();
  placeHold = holdPlacer(database.sql, randomUUID(), newTurnstile(), 5_000);
  settlements = settler(database.sql, newTurnstile(), 5_000, () => {});
});
afterAll(() => database.drop());

describe("a hold", () => {
  test("inserts the ledger row and is held on the counters of every scope", async () => {
    const payer = await createTenant(database.sql);
    const request = aRequest(payer, "0.25");
    const verdict = await placeHold(request);

    expect(verdict).toMatchObject({ granted: true, counterIds: { length: 3 } });
    expect(await ledgerRow(request.id)).toMatchObject({
      status: "held",
      hold_usd: "0.250000000000",
      cost_usd: "0.000000000000",
    });
    expect(await countersOf(payer)).toEqual([
      { scope_type: "organization", spent: "0", held: "0.25" },
      { scope_type: "user", spent: "0", held: "0.25" },
      { scope_type: "api_key", spent: "0", held: "0.25" },
    ]);
  });

  test("with an id that was seen answers the earlier verdict and holds nothing more", async () => {
    const payer = await createTenant(database.sql);
    const request = aRequest(payer, "1");
    const first = await placeHold(request);
    expect(await placeHold(request)).toEqual(first);
    expect((await countersOf(payer))[0]?.held).toBe("1");
  });

  test.each([
    [
      "a revoked key",
      "invalid_api_key",
      (p: TestPayer) => database.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${p.apiKeyId}`,
    ],
    [
      "an expired key",
      "invalid_api_key",
      (p: TestPayer) => database.sql`UPDATE api_keys SET expires_at = now() WHERE id = ${p.apiKeyId}`,
    ],
    [
      "a deleted key",
      "invalid_api_key",
      (p: TestPayer) => database.sql`DELETE FROM api_keys WHERE id = ${p.apiKeyId}`,
    ],
    [
      "a suspended organization",
      "organization_suspended",
      (p: TestPayer) =>
        database.sql`UPDATE organizations SET suspended_at = now() WHERE id = ${p.organizationId}`,
    ],
    [
      "a payment that ended yesterday",
      "payment_expired",
      (p: TestPayer) =>
        database.sql`UPDATE users SET payment_valid_until = (now() AT TIME ZONE 'UTC')::date - 1 WHERE id = ${p.userId}`,
    ],
    [
      "a caller that was changed since it was read",
      "stale",
      (p: TestPayer) => database.sql`UPDATE api_keys SET allowed_models = '{}' WHERE id = ${p.apiKeyId}`,
    ],
  ])("is refused for %s, though the caller was read before: %s", async (_, reason, change) => {
    const payer = await createTenant(database.sql);
    await change(payer);
    const request = aRequest(payer, "1");
    expect(await placeHold(request)).toEqual({ granted: false, reason });
    expect(await ledgerRow(request.id)).toBeUndefined();
    expect((await countersOf(payer)).map((counter) => counter.held)).toEqual(["0", "0", "0"]);
  });

  test("is granted on the last valid day of a payment", async () => {
    const payer = await createTenant(database.sql);
    await database.sql`UPDATE users SET payment_valid_until = (now() AT TIME ZONE 'UTC')::date WHERE id = ${payer.userId}`;
    expect(await placeHold(aRequest({ ...payer, userVersion: 2 }, "1"))).toMatchObject({ granted: true });
  });

  test("routed under an older routing version is stale", async () => {
    const payer = await createTenant(database.sql);
    expect(await placeHold({ ...aRequest(payer, "1"), routingVersion: 0 })).toEqual({
      granted: false,
      reason: "stale",
    });
  });

  test("that carries bad data fails alone; its batchmates are granted", async () => {
    const payer = await createTenant(database.sql);
    const bad = { ...aRequest(payer, "1"), priceVersionId: "not a uuid" };
    const good = Array.from({ length: 20 }, () => aRequest(payer, "1"));
    // The first leaves at once; the rest, the bad one in their midst, share a call.
    const outcomes = await Promise.allSettled(
      [...good.slice(0, 10), bad, ...good.slice(10)].map((request) => placeHold(request)),
    );
    expect(outcomes.map((outcome) => outcome.status).filter((status) => status === "rejected")).toHaveLength(
      1,
    );
    expect(outcomes[10]?.status).toBe("rejected");
    expect((await countersOf(payer))[0]?.held).toBe("20");
  });

  test("waits no longer than a second for another tenant's locked rows", async () => {
    const [blocked, free] = [await createTenant(database.sql), await createTenant(database.sql)];
    await placeHold(aRequest(blocked, "1"));
    const locker = await database.sql.reserve();
    await locker`BEGIN`;
    await locker`SELECT 1 FROM counters WHERE scope_id = ${blocked.organizationId} FOR UPDATE`;
    const startedAt = performance.now();
    const outcomes = await Promise.allSettled(
      [aRequest(free, "1"), aRequest(blocked, "1"), aRequest(free, "1")].map((r) => placeHold(r)),
    );
    const tookMs = performance.now() - startedAt;
    await locker`ROLLBACK`;
    locker.release();
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(tookMs).toBeLessThan(4_000);
  });
});

describe("a settlement", () => {
  test("frees the hold and counts the cost, exactly, in every scope and in the rollup", async () => {
    const payer = await createTenant(database.sql);
    const request = aRequest(payer, "1");
    expect(await settlements.settle(await heldAnd(request, "0.000000000007"))).toBe("settled");
    expect(await ledgerRow(request.id)).toMatchObject({
      status: "settled",
      cost_usd: "0.000000000007",
      overrun_usd: "0.000000000000",
    });
    for (const counter of await countersOf(payer))
      expect(counter).toMatchObject({ spent: "0.000000000007", held: "0" });
    expect(await rollupOf(payer)).toMatchObject({
      requests: "1",
      errors: "0",
      cost: "0.000000000007",
      input_tokens: "10",
    });
  });

  test("twice, or at once from two sides, counts once", async () => {
    const payer = await createTenant(database.sql);
    const settlement = await heldAnd(aRequest(payer, "1"), "0.5");
    const other = settler(database.sql, newTurnstile(), 5_000, () => {});
    const outcomes = await Promise.all([
      settlements.settle(settlement),
      other.settle(settlement),
      settlements.settle(settlement),
    ]);
    expect(outcomes.toSorted()).toEqual(["already_settled", "already_settled", "settled"]);
    expect((await countersOf(payer))[0]).toMatchObject({ spent: "0.5", held: "0" });
  });

  test("above its hold is charged all the same and recorded as overrun", async () => {
    const payer = await createTenant(database.sql);
    const request = aRequest(payer, "1");
    await settlements.settle(await heldAnd(request, "1.75"));
    expect(await ledgerRow(request.id)).toMatchObject({
      cost_usd: "1.750000000000",
      overrun_usd: "0.750000000000",
    });
    expect((await countersOf(payer))[0]).toMatchObject({ spent: "1.75", held: "0" });
  });

  test("as released frees the hold and costs nothing", async () => {
    const payer = await createTenant(database.sql);
    const settlement = await heldAnd(aRequest(payer, "1"), "0");
    expect(await settlements.settle({ ...settlement, status: "released", httpStatus: 502 })).toBe("released");
    expect((await countersOf(payer))[0]).toMatchObject({ spent: "0", held: "0" });
    expect(await rollupOf(payer)).toMatchObject({ requests: "1", errors: "1", cost: "0" });
  });

  test("of a hold that the database lost is billed all the same, in the buckets it was granted in", async () => {
    const payer = await createTenant(database.sql);
    const settlement = await heldAnd(aRequest(payer, "1"), "0.5");
    await database.sql`DELETE FROM ledger WHERE id = ${settlement.hold.id}`;
    await database.sql`UPDATE counters SET held_usd = 0 WHERE scope_id = ${payer.organizationId}`;
    expect(await settlements.settle(settlement)).toBe("settled");
    expect((await countersOf(payer))[0]).toMatchObject({ spent: "0.5", held: "0" });
    expect(await ledgerRow(settlement.hold.id)).toMatchObject({
      status: "settled",
      organization_id: payer.organizationId,
    });
  });

  test("whose hold never answered leaves a mark, so that a hold that arrives late holds nothing", async () => {
    const payer = await createTenant(database.sql);
    const request = aRequest(payer, "1");
    const unknown: Settlement = {
      ...aSettlement(request, "0"),
      counterIds: null,
      createdAt: null,
      status: "released",
    };
    expect(await settlements.settle(unknown)).toBe("released");
    await placeHold(request);
    expect((await countersOf(payer)).every((counter) => counter.held === "0")).toBe(true);
  });
});

describe("a sweep", () => {
  const expire = (id: string) =>
    database.sql`UPDATE ledger SET lease_expires_at = now() - interval '1 second' WHERE id = ${id}`;

  test("settles what a dead process left held, at what the row says, and leaves the living alone", async () => {
    const payer = await createTenant(database.sql);
    const [dead, alive] = [aRequest(payer, "1"), aRequest(payer, "1")];
    await Promise.all([placeHold(dead), placeHold(alive)]);
    await expire(dead.id);
    const swept = await Promise.all([sweepExpiredHolds(database.sql), sweepExpiredHolds(database.sql)]);
    expect(swept[0] + swept[1]).toBe(1);
    expect(await ledgerRow(dead.id)).toMatchObject({
      status: "swept",
      cost_usd: "0.100000000000",
      usage_source: "estimated",
      error_code: "gateway_died",
    });
    expect(await ledgerRow(alive.id)).toMatchObject({ status: "held" });
    expect((await countersOf(payer))[0]).toMatchObject({ spent: "0.1", held: "1" });
  });

  test("leaves a renewed lease alone and charges how far the stream has come when it ends", async () => {
    const payer = await createTenant(database.sql);
    const request = aRequest(payer, "1");
    await placeHold(request);
    await expire(request.id);
    await renewLeases(database.sql, [
      { id: request.id, ifSweptPicoUsd: parseUsd("0.4"), ifSweptOutputTokens: 40 },
    ]);
    expect(await sweepExpiredHolds(database.sql)).toBe(0);
    await expire(request.id);
    await sweepExpiredHolds(database.sql);
    expect(await ledgerRow(request.id)).toMatchObject({
      status: "swept",
      cost_usd: "0.400000000000",
      output_tokens: "40",
    });
  });

  test("is corrected by the settlement that arrives after it, by the difference", async () => {
    const payer = await createTenant(database.sql);
    const settlement = await heldAnd(aRequest(payer, "1"), "0.75");
    await expire(settlement.hold.id);
    await sweepExpiredHolds(database.sql);
    expect(await settlements.settle(settlement)).toBe("settled");
    expect((await countersOf(payer))[0]).toMatchObject({ spent: "0.75", held: "0" });
    expect(await rollupOf(payer)).toMatchObject({
      requests: "1",
      errors: "0",
      cost: "0.75",
      input_tokens: "10",
      output_tokens: "5",
    });
  });
});

test("three replicas settle thousands of requests of shared scopes in any order and lose none", async () => {
  const first = await createTenant(database.sql);
  const tenants = [first];
  for (let i = 0; i < 4; i++)
    tenants.push(await createTenant(database.sql, { organizationId: first.organizationId }));
  const replicas = Array.from({ length: 3 }, () => ({
    placeHold: holdPlacer(database.sql, randomUUID(), newTurnstile(), 20_000),
    settler: settler(database.sql, newTurnstile(), 20_000, () => {}),
  }));
  const each = async (index: number) => {
    const replica = replicas[index % 3];
    const payer = tenants[index % 5];
    if (!replica || !payer) throw new Error("unreachable");
    const request = aRequest(payer, "0.01");
    const verdict = await replica.placeHold(request);
    if (!verdict.granted) throw new Error(verdict.reason);
    return replica.settler.settle({
      ...aSettlement(request, "0.000000000003"),
      counterIds: verdict.counterIds.toReversed(),
      createdAt: verdict.createdAt,
    });
  };
  const outcomes = await Promise.all(Array.from({ length: 3_000 }, (_, index) => each(index)));
  expect(new Set(outcomes)).toEqual(new Set(["settled"]));

  const [sum] = await database.sql`
    SELECT sum(cost_usd)::text AS cost, count(*)::int AS rows FROM ledger WHERE organization_id = ${first.organizationId}`;
  expect(sum).toEqual({ cost: "0.000000009000", rows: 3_000 });
  expect((await countersOf(first))[0]).toEqual({
    scope_type: "organization",
    spent: "0.000000009",
    held: "0",
  });
  expect((await countersOf(first))[1]).toEqual({ scope_type: "user", spent: "0.0000000018", held: "0" });
  const [rollup] = await database.sql`
    SELECT sum(requests)::int AS requests, sum(cost_usd)::text AS cost FROM usage_hourly WHERE organization_id = ${first.organizationId}`;
  expect(rollup).toEqual({ requests: 3_000, cost: "0.000000009000" });
});

function aRequest(payer: TestPayer, holdUsd: string): HoldRequest {
  return {
    id: uuidv7(),
    payer,
    routingVersion: 1,
    endpoint: "chat/completions",
    model: "demo",
    providerName: "fake",
    upstreamModel: "demo-1",
    priceVersionId: randomUUID(),
    stream: false,
    clientRequestId: null,
    inputTokenEstimate: 100,
    holdPicoUsd: parseUsd(holdUsd),
    ifSweptPicoUsd: parseUsd("0.1"),
    ifSweptOutputTokens: 1,
  };
}

function aSettlement(hold: HoldRequest, costUsd: string): Settlement {
  return {
    hold,
    counterIds: null,
    createdAt: null,
    status: "settled",
    costPicoUsd: parseUsd(costUsd),
    usage: {
      inputTokens: 10,
      cachedTokens: 4,
      cacheWriteTokens: 0,
      outputTokens: 5,
      reasoningTokens: 2,
      inputAudioTokens: 0,
      outputAudioTokens: 0,
    },
    usageSource: "provider",
    providerName: "fake",
    upstreamModel: "demo-1",
    priceVersionId: randomUUID(),
    httpStatus: 200,
    errorCode: null,
    latencyMs: 12,
    ttftMs: null,
  };
}

/** Places the hold and makes the settlement that its process would send. */
async function heldAnd(request: HoldRequest, costUsd: string): Promise<Settlement> {
  const verdict = await placeHold(request);
  if (!verdict.granted) throw new Error(`not granted: ${verdict.reason}`);
  return { ...aSettlement(request, costUsd), counterIds: verdict.counterIds, createdAt: verdict.createdAt };
}

async function ledgerRow(id: string) {
  const [row] = await database.sql`SELECT * FROM ledger WHERE id = ${id}`;
  return row;
}

async function countersOf(payer: TestPayer) {
  const rows = await database.sql<{ scope_type: string; spent: string; held: string }[]>`
    SELECT scope_type, trim_scale(spent_usd)::text AS spent, trim_scale(held_usd)::text AS held FROM counters
    WHERE scope_id IN (${payer.organizationId}, ${payer.userId}, ${payer.apiKeyId}) ORDER BY scope_type`;
  return rows.map((row) => ({ ...row }));
}

async function rollupOf(payer: TestPayer) {
  const [row] = await database.sql`
    SELECT sum(requests)::text AS requests, sum(errors)::text AS errors, sum(input_tokens)::text AS input_tokens,
      sum(output_tokens)::text AS output_tokens, trim_scale(sum(cost_usd))::text AS cost
    FROM usage_hourly WHERE api_key_id = ${payer.apiKeyId}`;
  return row;
}
