import { describe, expect, test } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";

const ledger = await ledgerOfFile();

describe("a budget", () => {
  const limit = async (payer: TestPayer, usd: string) => {
    await ledger.sql`UPDATE users SET budget_limit_usd = ${usd}, budget_period = 'month' WHERE id = ${payer.userId}`;
    return { ...payer, userVersion: payer.userVersion + 1 };
  };

  test("grants up to the last picodollar, then reports what is left and what would be if nothing were held", async () => {
    const payer = await limit(await createTenant(ledger.sql), "1");
    await ledger.settlements.settle(await ledger.heldAnd(aRequest(payer, "0.3"), "0.25"));
    expect(await ledger.placeHold(aRequest(payer, "0.75"))).toMatchObject({ granted: true });
    expect(await ledger.placeHold(aRequest(payer, "0.000000000001"))).toEqual({
      granted: false,
      reason: "over_budget",
      freePicoUsd: 0n,
      idlePicoUsd: parseUsd("0.75"),
      budgets: [{ scope: "user", idlePicoUsd: parseUsd("0.75"), heldPicoUsd: parseUsd("0.75") }],
    });
  });

  test("reports what each budget has left and holds, the narrowest first", async () => {
    const payer = await createTenant(ledger.sql);
    await ledger.settlements.settle(await ledger.heldAnd(aRequest(payer, "0.3"), "0.25"));
    await ledger.placeHold(aRequest(payer, "0.125"));
    await ledger.sql`UPDATE organizations SET budget_limit_usd = 1 WHERE id = ${payer.organizationId}`;
    await ledger.sql`UPDATE api_keys SET budget_limit_usd = 0.2 WHERE id = ${payer.apiKeyId}`;
    const { organizationVersion, apiKeyVersion } = payer;
    const limited = {
      ...payer,
      organizationVersion: organizationVersion + 1,
      apiKeyVersion: Number(apiKeyVersion) + 1,
    };
    expect(await ledger.placeHold(aRequest(limited, "0.5"))).toEqual({
      granted: false,
      reason: "over_budget",
      freePicoUsd: parseUsd("-0.175"),
      idlePicoUsd: parseUsd("-0.05"),
      budgets: [
        { scope: "api_key", idlePicoUsd: parseUsd("-0.05"), heldPicoUsd: parseUsd("0.125") },
        { scope: "organization", idlePicoUsd: parseUsd("0.75"), heldPicoUsd: parseUsd("0.125") },
      ],
    });
  });

  test("grants what is left if that is at least the floor", async () => {
    const payer = await limit(await createTenant(ledger.sql), "1");
    await ledger.placeHold(aRequest(payer, "0.6"));
    const modest = { ...aRequest(payer, "0.7"), floorPicoUsd: parseUsd("0.4") };
    const greedy = { ...aRequest(payer, "0.7"), floorPicoUsd: parseUsd("0.400000000001") };
    expect(await ledger.placeHold(greedy)).toMatchObject({
      reason: "over_budget",
      freePicoUsd: parseUsd("0.4"),
    });
    expect(await ledger.placeHold(modest)).toMatchObject({ granted: true, heldPicoUsd: parseUsd("0.4") });
    expect((await ledger.countersOf(payer)).map((counter) => counter.held)).toEqual(["1", "1", "1"]);
  });

  test("judges the requests of a batch in turn, so that exactly those that fit are granted", async () => {
    const payer = await limit(await createTenant(ledger.sql), "1");
    const verdicts = await Promise.all(
      Array.from({ length: 40 }, () => ledger.placeHold(aRequest(payer, "0.1"))),
    );
    expect(verdicts.filter((verdict) => verdict.granted)).toHaveLength(10);
    expect((await ledger.countersOf(payer)).map((counter) => counter.held)).toEqual(["1", "1", "1"]);
  });

  test("starts with new counters in each of its periods", async () => {
    const payer = await createTenant(ledger.sql);
    await ledger.sql`UPDATE users SET budget_limit_usd = 1, budget_period = 'day' WHERE id = ${payer.userId}`;
    const daily: TestPayer = { ...payer, userVersion: 2, userPeriod: "day" };
    await ledger.settlements.settle(await ledger.heldAnd(aRequest(daily, "1"), "1"));
    expect(await ledger.placeHold(aRequest(daily, "0.5"))).toMatchObject({ reason: "over_budget" });
    await ledger.sql`UPDATE counters SET period_start = period_start - interval '1 day' WHERE scope_id = ${payer.userId}`;
    expect(await ledger.placeHold(aRequest(daily, "0.5"))).toMatchObject({ granted: true });
  });
});

test("a concurrency limit counts open holds", async () => {
  const payer = await createTenant(ledger.sql);
  await ledger.sql`UPDATE api_keys SET max_concurrent = 2 WHERE id = ${payer.apiKeyId}`;
  const limited = { ...payer, apiKeyVersion: 2 };
  const [first, second, third] = [aRequest(limited, "1"), aRequest(limited, "1"), aRequest(limited, "1")];
  const settlement = await ledger.heldAnd(first, "1");
  expect(await ledger.placeHold(second)).toMatchObject({ granted: true });
  expect(await ledger.placeHold(third)).toEqual({ granted: false, reason: "concurrency_limit_exceeded" });
  await ledger.settlements.settle(settlement);
  expect(await ledger.placeHold(third)).toMatchObject({ granted: true });
});
