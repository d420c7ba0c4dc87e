import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { wordsBySecond } from "#lib/testing/upstream/scenario";

const RATES = { inputPerMtok: "1", outputPerMtok: "1" };
const MAX_BODY_BYTES = 100_000;
const gate = await testGateway({
  models: ["instant", "slow"].map((name) => ({ name, rates: RATES })),
  rules: [{ model: "slow", scenario: wordsBySecond }],
  maxBodyBytes: MAX_BODY_BYTES,
  requestTimeoutMs: 600_000,
});
const { gateway, sql } = gate;
const messages = [{ role: "user", content: "Hello!" }];

/** What can be wrong with a request: a state of its caller, fields of its body, or its size. */
type Fault = { rank: number; code: string; state?: () => Promise<unknown>; fields?: object; bytes?: number };

/** In the contract's order; those of one rank have none among themselves. */
const FAULTS: Readonly<Record<string, Fault>> = {
  "a revoked key": {
    rank: 1,
    code: "invalid_api_key",
    state: () => sql`UPDATE api_keys SET revoked_at = now()`,
  },
  "a suspended organization": {
    rank: 2,
    code: "organization_suspended",
    state: () => sql`UPDATE organizations SET suspended_at = now()`,
  },
  "an expired payment": {
    rank: 2,
    code: "payment_expired",
    state: () => sql`UPDATE users SET payment_valid_until = '2020-01-01'`,
  },
  "a blocked address": {
    rank: 2,
    code: "ip_not_allowed",
    state: () => sql`UPDATE api_keys SET allowed_ips = '{10.0.0.0/8}'`,
  },
  "a spent budget": {
    rank: 3,
    code: "insufficient_quota",
    state: () => sql`UPDATE users SET budget_limit_usd = 0, budget_period = 'total'`,
  },
  "a body that is too large": { rank: 4, code: "request_too_large", bytes: MAX_BODY_BYTES + 1 },
  "an invalid field": { rank: 5, code: "invalid_request", fields: { temperature: 9 } },
  "an unsupported field": { rank: 5, code: "unsupported_parameter", fields: { store: true } },
  "an unknown model": { rank: 6, code: "model_not_found", fields: { model: "none" } },
  "a model that is not allowed": {
    rank: 7,
    code: "model_not_allowed",
    state: () => sql`UPDATE api_keys SET allowed_models = '{}'`,
  },
  "a rate limit": {
    rank: 8,
    code: "rate_limit_exceeded",
    state: () => sql`UPDATE api_keys SET rate_limits = ${sql.json({ tokens_per_minute: 1 })}`,
  },
  "a concurrency limit": {
    rank: 9,
    code: "concurrency_limit_exceeded",
    state: () => sql`UPDATE api_keys SET max_concurrent = 1`,
  },
  "a budget with too little left": {
    rank: 10,
    code: "insufficient_quota",
    state: () => sql`UPDATE organizations SET budget_limit_usd = 0.000001, budget_period = 'total'`,
  },
};

const PAIRS = Object.entries(FAULTS).flatMap(([name, fault]) =>
  Object.entries(FAULTS)
    .filter(([, { rank, code }]) => rank > fault.rank && code !== fault.code)
    .map(([later, other]): [string, string, Fault, Fault] => [name, later, fault, other]),
);

async function noFaults() {
  await sql`UPDATE api_keys SET revoked_at = NULL, allowed_ips = NULL, allowed_models = NULL, rate_limits = NULL,
    max_concurrent = NULL`;
  await sql`UPDATE users SET payment_valid_until = NULL, payment_status = 'none', budget_limit_usd = NULL, budget_period = NULL`;
  await sql`UPDATE organizations SET suspended_at = NULL, budget_limit_usd = NULL, budget_period = NULL`;
}

const open = new AbortController();
/** Kept: fetch ends a request whose response the garbage collector has taken. */
let slow: Response | undefined;
beforeAll(async () => {
  // One request is in flight all the time.
  slow = await gate.chat(
    { model: "slow", messages, max_tokens: 1_000, stream: true },
    { signal: open.signal },
  );
  expect(slow.status).toBe(200);
});
afterEach(noFaults);
afterAll(() => {
  expect(slow?.bodyUsed).toBe(false);
  open.abort();
});

describe.each(bothMounts(gate))("on the %s mount", (_, send) => {
  async function codeOf(...faults: Fault[]): Promise<string | null> {
    for (const { state } of faults) await state?.();
    // What a cached caller does not know yet has its own tests.
    gateway.callers.remove({ kind: "key", key: gate.seeded.apiKey });
    const fields = Object.assign(
      { model: "instant", messages, max_tokens: 16 },
      ...faults.map((f) => f.fields),
    );
    const bytes = Math.max(0, ...faults.map((fault) => fault.bytes ?? 0));
    const answer = await send("/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${gate.seeded.apiKey}` },
      body: JSON.stringify(fields).padEnd(bytes),
    });
    const { error }: { error?: { code: string } } = await answer.json();
    return error?.code ?? null;
  }

  test("a request without a fault is served", async () => {
    expect(await codeOf()).toBeNull();
  });

  test.each(Object.entries(FAULTS))("%s is a reason by itself", async (_, fault) => {
    expect(await codeOf(fault)).toBe(fault.code);
  });

  test.each(PAIRS)("%s takes precedence over %s", async (_, __, fault, later) => {
    expect(await codeOf(fault, later)).toBe(fault.code);
  });
});
