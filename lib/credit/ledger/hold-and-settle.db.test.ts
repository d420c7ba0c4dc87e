import { describe, expect, test } from "vitest";
import { aRequest, aSettlement, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import type { Settlement } from "./settle";

const ledger = await ledgerOfFile();

describe("a hold", () => {
  test("inserts the ledger row and adds to the counters of every scope", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "0.25");
    const verdict = await ledger.placeHold(request);

    expect(verdict).toMatchObject({ granted: true, counterIds: { length: 3 } });
    expect(await ledger.ledgerRow(request.id)).toMatchObject({
      status: "held",
      hold_usd: "0.250000000000",
      cost_usd: "0.000000000000",
    });
    expect(await ledger.countersOf(payer)).toEqual([
      { scope_type: "organization", spent: "0", held: "0.25", open: 1 },
      { scope_type: "user", spent: "0", held: "0.25", open: 1 },
      { scope_type: "api_key", spent: "0", held: "0.25", open: 1 },
    ]);
  });

  test("returns the first verdict for a repeated id and holds nothing more", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    const first = await ledger.placeHold(request);
    expect(await ledger.placeHold(request)).toEqual(first);
    expect((await ledger.countersOf(payer))[0]?.held).toBe("1");
  });

  test.each([
    [
      "a revoked key",
      "invalid_api_key",
      (p: TestPayer) => ledger.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${p.apiKeyId}`,
    ],
    [
      "an expired key",
      "invalid_api_key",
      (p: TestPayer) => ledger.sql`UPDATE api_keys SET expires_at = now() WHERE id = ${p.apiKeyId}`,
    ],
    [
      "a deleted key",
      "invalid_api_key",
      (p: TestPayer) => ledger.sql`DELETE FROM api_keys WHERE id = ${p.apiKeyId}`,
    ],
    [
      "a suspended organization",
      "organization_suspended",
      (p: TestPayer) =>
        ledger.sql`UPDATE organizations SET suspended_at = now() WHERE id = ${p.organizationId}`,
    ],
    [
      "a payment that ended yesterday",
      "payment_expired",
      (p: TestPayer) =>
        ledger.sql`UPDATE users SET payment_valid_until = (now() AT TIME ZONE 'UTC')::date - 1 WHERE id = ${p.userId}`,
    ],
    [
      "a caller that has changed since it was read",
      "stale",
      (p: TestPayer) => ledger.sql`UPDATE api_keys SET allowed_models = '{}' WHERE id = ${p.apiKeyId}`,
    ],
  ])("is rejected for %s even if the caller was read earlier: %s", async (_, reason, change) => {
    const payer = await createTenant(ledger.sql);
    await change(payer);
    const request = aRequest(payer, "1");
    expect(await ledger.placeHold(request)).toEqual({ granted: false, reason });
    expect(await ledger.ledgerRow(request.id)).toBeUndefined();
    expect((await ledger.countersOf(payer)).map((counter) => counter.held)).toEqual(["0", "0", "0"]);
  });

  test("is granted on the last valid day of a payment", async () => {
    const payer = await createTenant(ledger.sql);
    await ledger.sql`UPDATE users SET payment_valid_until = (now() AT TIME ZONE 'UTC')::date WHERE id = ${payer.userId}`;
    expect(await ledger.placeHold(aRequest({ ...payer, userVersion: 2 }, "1"))).toMatchObject({
      granted: true,
    });
  });

  test("routed under an older routing version is stale", async () => {
    const payer = await createTenant(ledger.sql);
    expect(await ledger.placeHold({ ...aRequest(payer, "1"), routingVersion: 0 })).toEqual({
      granted: false,
      reason: "stale",
    });
  });

  test("with invalid data fails alone; the others in its batch are granted", async () => {
    const payer = await createTenant(ledger.sql);
    const bad = { ...aRequest(payer, "1"), priceVersionId: "not a uuid" };
    const good = Array.from({ length: 20 }, () => aRequest(payer, "1"));
    // The first is sent at once; the rest, including the invalid one, share a call.
    const outcomes = await Promise.allSettled(
      [...good.slice(0, 10), bad, ...good.slice(10)].map((request) => ledger.placeHold(request)),
    );
    expect(outcomes.map((outcome) => outcome.status).filter((status) => status === "rejected")).toHaveLength(
      1,
    );
    expect(outcomes[10]?.status).toBe("rejected");
    expect((await ledger.countersOf(payer))[0]?.held).toBe("20");
  });
});

describe("a settlement", () => {
  test("releases the hold and adds the exact cost in every scope and in the rollup", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    expect(await ledger.settlements.settle(await ledger.heldAnd(request, "0.000000000007"))).toBe("settled");
    expect(await ledger.ledgerRow(request.id)).toMatchObject({
      status: "settled",
      cost_usd: "0.000000000007",
      overrun_usd: "0.000000000000",
    });
    for (const counter of await ledger.countersOf(payer))
      expect(counter).toMatchObject({ spent: "0.000000000007", held: "0" });
    expect(await ledger.rollupOf(payer)).toMatchObject({
      requests: "1",
      errors: "0",
      cost: "0.000000000007",
      input_tokens: "10",
    });
  });

  test("keeps the counts that have no column of their own", async () => {
    const payer = await createTenant(ledger.sql);
    const plain = await ledger.heldAnd(aRequest(payer, "1"), "0.5");
    await ledger.settlements.settle(plain);
    expect(await ledger.ledgerRow(plain.hold.id)).toMatchObject({ meters: {} });
    const settlement = await ledger.heldAnd(aRequest(payer, "1"), "0.5");
    const usage = { ...settlement.usage, cacheWrite1hTokens: 1_000, outputImageTokens: 1_290 };
    await ledger.settlements.settle({ ...settlement, usage });
    expect(await ledger.ledgerRow(settlement.hold.id)).toMatchObject({
      meters: { cache_write_1h_tokens: 1_000, output_image_tokens: 1_290 },
    });
  });

  test("counts once when it is sent repeatedly, by two processes at once", async () => {
    const payer = await createTenant(ledger.sql);
    const settlement = await ledger.heldAnd(aRequest(payer, "1"), "0.5");
    const other = ledger.process();
    const outcomes = await Promise.all([
      ledger.settlements.settle(settlement),
      other.settlements.settle(settlement),
      ledger.settlements.settle(settlement),
    ]);
    // Two that share a call get the same outcome.
    expect(new Set(outcomes)).toEqual(new Set(["settled", "already_settled"]));
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0.5", held: "0" });
  });

  test("above its hold is charged and recorded as overrun", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    await ledger.settlements.settle(await ledger.heldAnd(request, "1.75"));
    expect(await ledger.ledgerRow(request.id)).toMatchObject({
      cost_usd: "1.750000000000",
      overrun_usd: "0.750000000000",
    });
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "1.75", held: "0" });
  });

  test("with status released frees the hold and costs nothing", async () => {
    const payer = await createTenant(ledger.sql);
    const settlement = await ledger.heldAnd(aRequest(payer, "1"), "0");
    expect(await ledger.settlements.settle({ ...settlement, status: "released", httpStatus: 502 })).toBe(
      "released",
    );
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0", held: "0" });
    expect(await ledger.rollupOf(payer)).toMatchObject({ requests: "1", errors: "1", cost: "0" });
  });

  test("of a hold that the database lost is billed in the buckets it was granted in", async () => {
    const payer = await createTenant(ledger.sql);
    const settlement = await ledger.heldAnd(aRequest(payer, "1"), "0.5");
    await ledger.sql`DELETE FROM ledger WHERE id = ${settlement.hold.id}`;
    await ledger.sql`UPDATE counters SET held_usd = 0, open_holds = 0 WHERE scope_id = ${payer.organizationId}`;
    expect(await ledger.settlements.settle(settlement)).toBe("settled");
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0.5", held: "0" });
    expect(await ledger.ledgerRow(settlement.hold.id)).toMatchObject({
      status: "settled",
      organization_id: payer.organizationId,
    });
  });

  test("of an unanswered hold leaves a row, so that a late hold holds nothing", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    const unknown: Settlement = {
      ...aSettlement(request, "0"),
      counterIds: null,
      createdAt: null,
      status: "released",
    };
    expect(await ledger.settlements.settle(unknown)).toBe("released");
    await ledger.placeHold(request);
    expect((await ledger.countersOf(payer)).every((counter) => counter.held === "0")).toBe(true);
  });
});

test("three replicas settle thousands of requests of shared scopes in any order without losing one", async () => {
  const first = await createTenant(ledger.sql);
  const tenants = [first];
  for (let i = 0; i < 4; i++)
    tenants.push(await createTenant(ledger.sql, { organizationId: first.organizationId }));
  const replicas = [ledger.process(20_000), ledger.process(20_000), ledger.process(20_000)];
  const each = async (index: number) => {
    const replica = replicas[index % 3];
    const payer = tenants[index % 5];
    if (!replica || !payer) throw new Error("unreachable");
    const request = aRequest(payer, "0.01");
    const verdict = await replica.placeHold(request);
    if (!verdict.granted) throw new Error(verdict.reason);
    return replica.settlements.settle({
      ...aSettlement(request, "0.000000000003"),
      counterIds: verdict.counterIds.toReversed(),
      createdAt: verdict.createdAt,
    });
  };
  const outcomes = await Promise.all(Array.from({ length: 3_000 }, (_, index) => each(index)));
  expect(new Set(outcomes)).toEqual(new Set(["settled"]));

  const [sum] = await ledger.sql`
    SELECT sum(cost_usd)::text AS cost, count(*)::int AS rows FROM ledger WHERE organization_id = ${first.organizationId}`;
  expect(sum).toEqual({ cost: "0.000000009000", rows: 3_000 });
  expect((await ledger.countersOf(first))[0]).toEqual({
    scope_type: "organization",
    spent: "0.000000009",
    held: "0",
    open: 0,
  });
  expect((await ledger.countersOf(first))[1]).toEqual({
    scope_type: "user",
    spent: "0.0000000018",
    held: "0",
    open: 0,
  });
  const [rollup] = await ledger.sql`
    SELECT sum(requests)::int AS requests, sum(cost_usd)::text AS cost FROM usage_hourly WHERE organization_id = ${first.organizationId}`;
  expect(rollup).toEqual({ requests: 3_000, cost: "0.000000009000" });
});
