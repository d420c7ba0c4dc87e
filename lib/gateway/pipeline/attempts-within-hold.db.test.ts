import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { bodyOf } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout, UpstreamUnreachable } from "#lib/providers/upstream-error";
import type { UpstreamAnswer, UpstreamCall } from "#lib/providers/wire";

const models = [{ name: "m", rates: MICRODOLLAR_RATES }];
const gate = await testGateway({ models });
const { sql, gateway, seeded } = gate;

const TARGETS = ["a", "b", "c"] as const;
const TIMEOUT_MS = 60;
const SLOW_MS = 35;
const HEDGE_AFTER_MS = 15;
/** Whatever happened before, each target is asked. */
Object.assign(gateway.breakers, { stateOf: () => "closed", noteFailure: () => {}, cool: () => {} });

/** What a target does with a request. */
const BEHAVIOURS = [
  "answers",
  "answers_slowly",
  "answers_without_usage",
  "bills_too_much",
  "fails",
  "fails_billed",
  "fails_slowly_billed",
  "is_busy",
  "refuses",
  "is_unreachable",
  "resets",
  "stalls",
  "stalls_after_its_head",
  "dies",
] as const;
type Behaviour = (typeof BEHAVIOURS)[number];
/** What happens to a request: at each target in turn, the first times and then always. */
type Plan = {
  stream: boolean;
  maxTokens: number;
  at: Record<(typeof TARGETS)[number], readonly Behaviour[]>;
  leavesAfterMs: number | null;
};

/** The plans of the requests that are under way, and how often each was sent to each target. */
const plans = new Map<string, { plan: Plan; sent: Map<string, number> }>();

/** A provider in this process that does what the request's plan says. */
gateway.exchange = async (call) => {
  const { user, model, max_tokens: maxTokens } = JSON.parse(call.body);
  const found = plans.get(user);
  if (found === undefined) throw new Error("the request has no plan");
  const { plan, sent } = found;
  const times = sent.get(model) ?? 0;
  sent.set(model, times + 1);
  const list = plan.at[TARGETS.find((name) => name === model) ?? "a"];
  return PLAYS[list[Math.min(times, list.length - 1)] ?? "answers"](call, maxTokens);
};

const usage = (output: number) => usageOf(10, output);
const json = { "content-type": "application/json" };
const answer = (status: number, body: object): UpstreamAnswer => ({
  status,
  headers: json,
  body: bodyOf(Readable.from([Buffer.from(JSON.stringify(body))])),
});
const message = { role: "assistant", content: "Well, well." };
const completion = (reported: object | undefined) => ({
  choices: [{ index: 0, message, finish_reason: "stop" }],
  usage: reported,
});
const says = (call: UpstreamCall, reported: object | undefined): UpstreamAnswer => {
  if (!call.stream) return answer(200, completion(reported));
  const counted =
    reported === undefined ? "" : `data: ${JSON.stringify({ choices: [], usage: reported })}\n\n`;
  return streamOf([
    chunk({ content: "Well, " }),
    chunk({ content: "well." }),
    `${chunk({}, "stop")}${counted}data: [DONE]\n\n`,
  ]);
};
const streamOf = (parts: Iterable<string> | AsyncIterable<string>): UpstreamAnswer => ({
  status: 200,
  headers: { "content-type": "text/event-stream" },
  body: bodyOf(Readable.from(parts, { objectMode: false })),
});
const failure = { error: { message: "No.", type: "server_error", code: null } };
/** Resolves after a time, unless the call is cancelled before. */
const wait = ({ cancellation, timeoutMs }: UpstreamCall, ms: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const timeout = setTimeout(
      () => (ms > timeoutMs ? reject(new UpstreamTimeout("It is late", true)) : resolve()),
      Math.min(ms, timeoutMs),
    );
    cancellation.onCancel(() => {
      clearTimeout(timeout);
      reject(new CallCancelled());
    });
  });
async function* thenStalls(parts: readonly string[], { timeoutMs }: UpstreamCall) {
  yield* parts;
  await sleep(timeoutMs);
  throw new UpstreamTimeout("It stopped", true);
}
async function* thenBreaks(parts: readonly string[]) {
  yield* parts;
  throw new UpstreamUnreachable("It broke", true);
}

/** A provider keeps the bound that it gets, which may be lower than the client's. */
const PLAYS: Record<Behaviour, (call: UpstreamCall, maxTokens: number) => Promise<UpstreamAnswer>> = {
  answers: async (call, maxTokens) => says(call, usage(maxTokens)),
  answers_slowly: async (call, maxTokens) => {
    await wait(call, SLOW_MS);
    return says(call, usage(maxTokens));
  },
  answers_without_usage: async (call) => says(call, undefined),
  bills_too_much: async (call, maxTokens) => says(call, usage(40 * maxTokens)),
  fails: async () => answer(500, failure),
  fails_billed: async (_, maxTokens) => answer(200, { ...failure, usage: usage(maxTokens) }),
  fails_slowly_billed: async (call, maxTokens) => {
    await wait(call, SLOW_MS);
    return answer(200, { ...failure, usage: usage(maxTokens) });
  },
  is_busy: async () => answer(429, failure),
  refuses: async () => answer(400, { error: { ...failure.error, type: "invalid_request_error" } }),
  is_unreachable: async () => {
    throw new UpstreamUnreachable("It is away", false);
  },
  resets: async () => {
    throw new UpstreamUnreachable("It broke", true);
  },
  stalls: async (call) => {
    await wait(call, Number.POSITIVE_INFINITY);
    throw new Error("it has ended");
  },
  stalls_after_its_head: async (call) =>
    call.stream ? streamOf(thenStalls([": wait\n\n"], call)) : streamOf(thenStalls(["{"], call)),
  dies: async (call) =>
    call.stream ? streamOf(thenBreaks([chunk({ content: "Well, " })])) : streamOf(thenBreaks(['{"id":'])),
};

/** Price versions of $1 to $10 per million tokens each way. */
const priceVersions = await Promise.all(
  Array.from({ length: 10 }, async (_, at) => {
    const perMtok = String(at + 1);
    const rates = sql.json({ inputPerMtok: perMtok, outputPerMtok: perMtok });
    const [row] = await sql`
      INSERT INTO price_versions (source, origin, rates, digest)
      VALUES ('manual', 'test', ${rates}, ${Buffer.from(perMtok)}) RETURNING id`;
    return String(row?.id);
  }),
);

/** Each target at another price, so that the hold is not what the first one costs. */
async function setModel(pricesPerMtok: readonly number[], retries: number, hedges: boolean): Promise<void> {
  await sql`UPDATE models SET hedge_after_ms = ${hedges ? HEDGE_AFTER_MS : null}, retries = ${retries}`;
  for (const [at, name] of TARGETS.entries()) {
    const price = priceVersions[(pricesPerMtok[at] ?? 1) - 1] ?? "";
    await sql`UPDATE model_targets SET price_version_id = ${price} WHERE upstream_model = ${name}`;
  }
  await gateway.routing({ fresh: true });
}

async function play(id: string, plan: Plan): Promise<void> {
  plans.set(id, { plan, sent: new Map() });
  const gone = new AbortController();
  const { stream, maxTokens, leavesAfterMs } = plan;
  const messages = [{ role: "user", content: "Hello!" }];
  const body = { model: "m", user: id, messages, max_tokens: maxTokens, stream };
  if (leavesAfterMs !== null) setTimeout(() => gone.abort(), leavesAfterMs);
  await gate
    .chat(body, { signal: gone.signal, headers: { "x-request-id": id } })
    .then((response) => response.text())
    .catch(() => {});
}

const behaviours = fc.array(fc.constantFrom(...BEHAVIOURS), { minLength: 1, maxLength: 2 });
const requestPlans = fc.array(
  fc.record<Plan>({
    stream: fc.boolean(),
    maxTokens: fc.integer({ min: 1, max: 2_000 }),
    at: fc.record({ a: behaviours, b: behaviours, c: behaviours }),
    leavesAfterMs: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.nat(50) },
    ),
  }),
  { minLength: 6, maxLength: 10 },
);

let runs = 0;
test("all attempts of a request cost no more than its hold, but for what a provider bills beyond its bound", async () => {
  await setTargets(
    gate,
    "m",
    TARGETS.map((upstreamModel) => ({ upstreamModel, timeoutMs: TIMEOUT_MS })),
  );
  await fc.assert(
    fc.asyncProperty(
      requestPlans,
      fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 3, maxLength: 3 }),
      fc.constantFrom(0.002, 0.01, 0.03, 0.1, 1),
      fc.nat(1),
      fc.boolean(),
      async (requests, prices, budgetUsd, retries, hedges) => {
        const run = ++runs;
        await setModel(prices, retries, hedges);
        await leaveBudget(gate, budgetUsd);
        await Promise.all(requests.map((plan, at) => play(`run-${run}-${at}`, plan)));
        await expect.poll(() => gateway.inFlight.size, { timeout: 10_000 }).toBe(0);
        await gateway.settler.idle();
        for (const [at, plan] of requests.entries()) {
          const [row] = await sql`SELECT * FROM ledger WHERE client_request_id = ${`run-${run}-${at}`}`;
          // It did not fit the budget, or its client left before.
          if (row === undefined) continue;
          const overrun = parseUsd(row.overrun_usd);
          if (!Object.values(plan.at).flat().includes("bills_too_much")) expect(overrun).toBe(0n);
          expect(parseUsd(row.cost_usd)).toBeLessThanOrEqual(parseUsd(row.hold_usd) + overrun);
          if (row.attempts === null) continue;
          const costs = row.attempts.map(({ cost_usd }: { cost_usd: string }) => parseUsd(cost_usd));
          expect(costs.reduce((sum: bigint, cost: bigint) => sum + cost, 0n)).toBe(parseUsd(row.cost_usd));
        }
        const [user] = await sql`
          SELECT c.spent_usd - u.budget_limit_usd AS over, (SELECT sum(overrun_usd) FROM ledger) AS overrun
          FROM counters c JOIN users u ON u.id = c.scope_id WHERE c.period = 'total'`;
        if (user !== undefined) expect(parseUsd(user.over)).toBeLessThanOrEqual(parseUsd(user.overrun));
        await expectBalancedBooks(gate);
        for (const upstreamModel of TARGETS)
          expect(
            gateway.rooms.inside({ providerId: seeded.ids.provider, credentialId: "", upstreamModel }),
          ).toBe(0);
        expect([gateway.bodies.total(), gateway.answers.total()]).toEqual([0, 0]);
        plans.clear();
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
});
