import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { uuidv7 } from "#lib/credit/request-id";
import { createTestDatabase } from "#lib/db/testing/test-database";
import type { Bill } from "#lib/testing/upstream/fake-upstream";
import { logChanges } from "../change-log";
import { seedHostileTenants } from "./tenants";
import { trueSpend } from "./true-spend";

const { sql } = await createTestDatabase();
await logChanges(sql);
const { scopes } = await seedHostileTenants(sql, randomBytes(32).toString("base64"));
/** Keys with $0.50 each, for a model at $1 a million input tokens and $1 a thousand output tokens. */
const keys = scopes.filter(({ type, attack }) => type === "api_key" && attack === "output-bounds");

type Spent = { held: string; swept?: string; charged: string; input: number; output: number };

/** A request of a key, through the states of its row, and what its provider bills. */
async function spend(key: { id: string; organizationId: string }, spent: Spent): Promise<[string, Bill]> {
  const { held, swept, charged, input, output } = spent;
  const id = uuidv7();
  await sql`
    INSERT INTO ledger (id, created_at, status, organization_id, user_id, api_key_id, endpoint, model, hold_usd, counter_ids)
    SELECT ${id}, now(), 'held', organization_id, user_id, id, 'chat/completions', 'writes-long', ${held}, '{}'
    FROM api_keys WHERE id = ${key.id}`;
  if (swept !== undefined) {
    await sql`UPDATE ledger SET status = 'swept', cost_usd = ${swept} WHERE id = ${id}`;
    await sql`UPDATE ledger SET status = 'held', cost_usd = 0 WHERE id = ${id}`;
  }
  await sql`UPDATE ledger SET status = 'settled', cost_usd = ${charged} WHERE id = ${id}`;
  return [id, { calls: 1, outputTokens: output, billed: { inputTokens: input, outputTokens: output } }];
}

/** The requests of a key of its own each time. */
async function judged(...all: Spent[]) {
  const key = keys.pop();
  if (key === undefined) throw new Error("all keys are spent");
  const bills = new Map<string, Bill>();
  for (const spent of all) bills.set(...(await spend(key, spent)));
  const attacked = await trueSpend(sql, scopes, bills);
  return attacked.find(({ attack }) => attack === "output-bounds");
}

const rest = { held: "0.4", charged: "0.35", input: 0, output: 350 };

test("what a frozen gateway's provider generated after the sweep is not in the budget, but is reported", async () => {
  const late = { held: "0.4", swept: "0.1", charged: "0.3", input: 0, output: 300 };
  expect(await judged(late, rest)).toMatchObject({ overspending: [], sweptShortUsd: "0.2" });
});

test("the same without a sweep overspends the budget", async () => {
  const settled = { held: "0.4", charged: "0.3", input: 0, output: 300 };
  expect((await judged(settled, rest))?.overspending).toMatchObject([
    expect.stringMatching(/^the api_key .* spent \$0\.65 of \$0\.5$/),
  ]);
});

test("a sweep that charges less than the input overspends, however the row is settled", async () => {
  const late = { held: "0.4", swept: "0.1", charged: "0.3", input: 300_000, output: 0 };
  expect((await judged(late))?.overspending).toMatchObject([
    expect.stringContaining("was swept for $0.1, but its input was billed $0.3"),
  ]);
});

test("a late settlement below what was billed overspends", async () => {
  const late = { held: "0.4", swept: "0.1", charged: "0.2", input: 0, output: 300 };
  expect((await judged(late))?.overspending).toMatchObject([
    expect.stringContaining("was billed $0.3 for 0 + 300 tokens, but charged $0.2"),
  ]);
});
