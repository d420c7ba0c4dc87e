import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OwnPostgres, startOwnPostgres } from "#lib/db/testing/own-postgres";
import { expectRecovery } from "#lib/gateway/testing/recovery";
import { startTestGateway, type TestGateway } from "#lib/gateway/testing/test-gateway";
import { expectPrompt, stopwatch } from "#lib/testing/promptness";

const messages = [{ role: "user", content: "Hello!" }];
let postgres: OwnPostgres;
let gate: TestGateway;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  gate = await startTestGateway({
    models: [{ name: "instant" }, { name: "slow", upstreamModel: "slow-head" }],
    database: postgres.database,
  });
});
afterEach(() => postgres.thaw());
afterAll(async () => {
  await gate.close();
});

type Timed = { status: number; code: unknown; retryAfter: string | null; tookMs: number; passedMs: number };

async function timed(asking: Promise<Response>): Promise<Timed> {
  const [took, startedAtMs] = [stopwatch(), performance.now()];
  const response = await asking;
  const body = await response.json();
  const [tookMs, passedMs] = [took(), performance.now() - startedAtMs];
  return {
    status: response.status,
    code: body.error?.code,
    retryAfter: response.headers.get("retry-after"),
    tookMs,
    passedMs,
  };
}

const ask = (model = "instant") => timed(gate.chat({ model, messages }));
const askForModels = () =>
  timed(fetch(`${gate.url}/models`, { headers: { authorization: `Bearer ${gate.seeded.apiKey}` } }));
const many = () => Promise.all(Array.from({ length: 20 }, () => ask()));

function expectRefused(answers: Timed[], withinMs: number): void {
  for (const { status, code, retryAfter } of answers) {
    expect([status, code]).toEqual([503, "service_unavailable"]);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  }
  expectPrompt(
    answers.map(({ tookMs }) => tookMs),
    withinMs,
  );
}

const recovers = () => expectRecovery(postgres.database, many);

describe("a frozen database", () => {
  beforeEach(recovers);

  test("answers every request 503 within a second, immediately once it is known, and recovers with the database", async () => {
    expect((await ask()).status).toBe(200);
    await postgres.freeze();
    const sent = gate.upstream.requests.length;
    expectRefused((await Promise.all([many(), askForModels()])).flat(), 1_000);
    expectRefused([...(await many()), await askForModels()], 300);
    expect(gate.upstream.requests).toHaveLength(sent);
    await postgres.thaw();
    await recovers();
  });

  test("does not lose requests in flight: their clients get the answer when the database continues", async () => {
    const inFlight = gate.chat({ model: "slow", messages });
    await expect.poll(() => gate.upstream.requests.at(-1)?.ending).toBe("open");
    await postgres.freeze();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await postgres.thaw();
    const response = await inFlight;
    expect(response.status).toBe(200);
    await response.text();
    expect(await gate.settledRow(response.headers.get("x-request-id"))).toMatchObject({ status: "settled" });
    await recovers();
  });

  test("is found again after a kill and a restart", async () => {
    await postgres.freeze();
    expectRefused([await ask()], 1_000);
    await postgres.kill();
    await recovers();
  });
});

test("a database that is down makes every request an immediate 503, until it is up again", async () => {
  await postgres.stop();
  expectRefused((await Promise.all([many(), askForModels()])).flat(), 500);
  await postgres.start();
  await recovers();
});

test("a database that takes no writes makes every request a 503, until it does", async () => {
  const admin = await postgres.database.sql.reserve();
  await admin`ALTER SYSTEM SET default_transaction_read_only = on`;
  await admin`SELECT pg_reload_conf()`;
  // A hold that comes before every backend knows of it would wait for its settlement.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await expect.poll(async () => (await ask()).status).toBe(503);
  await admin`SET default_transaction_read_only = off`;
  await admin`ALTER SYSTEM RESET default_transaction_read_only`;
  await admin`SELECT pg_reload_conf()`;
  admin.release();
  await recovers();
});

test("waits for a busy database", async () => {
  const { sql } = postgres.database;
  expect((await ask()).status).toBe(200);
  const locker = await sql.reserve();
  await locker`BEGIN`;
  await locker`SELECT 1 FROM counters WHERE scope_id = ${gate.seeded.ids.organization} FOR UPDATE`;
  const waiting = ask();
  await new Promise((resolve) => setTimeout(resolve, 700));
  await locker`ROLLBACK`;
  locker.release();
  const { status, passedMs } = await waiting;
  expect(status).toBe(200);
  expect(passedMs).toBeGreaterThan(600);
});
