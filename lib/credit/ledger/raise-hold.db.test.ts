import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { firstRow } from "#lib/testing/first-row";
import { raiseHold } from "./raise-hold";

const ledger = await ledgerOfFile();

const SCOPES = ["organizations", "users", "api_keys", "apps"] as const;

async function heldOf(limitUsd: string | null, scope: (typeof SCOPES)[number] = "users") {
  const payer = await createTenant(ledger.sql);
  if (scope === "apps") Object.assign(payer, await createApp(payer));
  const request = aRequest(payer, "0.4");
  const settlement = await ledger.heldAnd(request, "0.5");
  const { organizationId, userId, apiKeyId, appId } = payer;
  const ids = { organizations: organizationId, users: userId, api_keys: apiKeyId, apps: appId };
  await ledger.sql`
    UPDATE ${ledger.sql(scope)} SET budget_limit_usd = ${limitUsd}, budget_period = 'month' WHERE id = ${ids[scope]}`;
  const raise = (usd: string) => raiseHold(ledger.sql, request.id, parseUsd(usd), parseUsd("0.1"));
  return { payer, request, settlement, raise };
}

async function createApp({ organizationId }: TestPayer) {
  const app = firstRow(
    await ledger.sql`
      INSERT INTO apps (name, organization_id, secret_hash) VALUES ('app', ${organizationId}, ${randomBytes(32)}) RETURNING id`,
  );
  return { apiKeyId: null, apiKeyVersion: null, appId: String(app.id), appVersion: 1 };
}

test("raises a hold in every counter, up to the last picodollar of a budget", async () => {
  const { payer, request, settlement, raise } = await heldOf("1");
  const sweptBefore = Number((await ledger.ledgerRow(request.id))?.if_swept_usd);
  expect(await raise("0.600000000001")).toBe(false);
  expect(await raise("0.6")).toBe(true);
  expect(await raise("0.000000000001")).toBe(false);
  const counters = await ledger.countersOf(payer);
  expect(counters.map(({ held, open }) => ({ held, open }))).toEqual(
    Array.from({ length: 3 }, () => ({ held: "1", open: 1 })),
  );
  const row = await ledger.ledgerRow(request.id);
  expect(row).toMatchObject({ status: "held", hold_usd: "1.000000000000" });
  expect(Number(row?.if_swept_usd)).toBeCloseTo(sweptBefore + 0.1, 12);

  await ledger.settlements.settle(settlement);
  expect(await ledger.ledgerRow(request.id)).toMatchObject({ overrun_usd: "0.000000000000" });
  for (const counter of await ledger.countersOf(payer)) {
    expect(counter).toMatchObject({ spent: "0.5", held: "0", open: 0 });
  }
});

test.each(SCOPES)("is judged by the budgets of %s", async (scope) => {
  const { raise } = await heldOf("1", scope);
  expect(await raise("0.600000000001")).toBe(false);
  expect(await raise("0.6")).toBe(true);
});

test("grants no more than the budget to raises at once", async () => {
  const { raise } = await heldOf("1");
  const raised = await Promise.all(Array.from({ length: 10 }, () => raise("0.1")));
  expect(raised.filter(Boolean)).toHaveLength(6);
});

test("raises without a limit", async () => {
  const { raise } = await heldOf(null);
  expect(await raise("1000")).toBe(true);
});

test("raises nothing once the request has ended", async () => {
  const { settlement, raise } = await heldOf(null);
  await ledger.settlements.settle(settlement);
  expect(await raise("0.1")).toBe(false);
});
