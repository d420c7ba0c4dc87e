import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { parseUsd } from "#lib/credit/money";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { startTestGateway, type TestGateway } from "#lib/gateway/testing/test-gateway";
import { type FaultyProxy, startFaultyProxy } from "#lib/testing/faulty-proxy";
import type { Scenario } from "#lib/testing/upstream/scenario";

/** $1 a million tokens each way: a token is a microdollar. */
const rates = { inputPerMtok: "1", outputPerMtok: "1" };
const messages = [{ role: "user", content: "Hello!" }];
/** 20 tokens, after a while. */
const slow = (headDelayMs: number): Scenario => ({
  content: { kind: "chat", usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 } },
  framing: { headDelayMs },
});

let directory: string;
let proxy: FaultyProxy;
let gate: TestGateway;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tollgate-fail-open-"));
  const database = await createTestDatabase();
  proxy = await startFaultyProxy(database.url);
  gate = await startTestGateway({
    models: [
      { name: "instant", rates },
      { name: "slow", rates },
      { name: "status-400", rates },
    ],
    rules: [{ model: "slow", scenario: slow(400) }],
    database,
    databaseUrl: () => proxy.url,
    journalDirectory: join(directory, "journal"),
  });
});
afterAll(async () => {
  await proxy.restore();
  await gate.close();
  await proxy.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => policy("fail_open", "1"));
afterEach(async () => {
  await proxy.restore();
  await gate.gateway.watch.untilAvailable();
});

/** Sets the organization's policy, and makes the caller known under it. */
async function policy(mode: string, allowanceUsd: string | null): Promise<void> {
  await gate.sql`UPDATE organizations SET failure_mode = ${mode}, fail_open_allowance_usd = ${allowanceUsd}`;
  expect((await ask()).status).toBe(200);
}

async function ask(fields: object = {}, headers: Record<string, string> = {}) {
  const response = await gate.chat({ model: "instant", messages, ...fields }, { headers });
  const text = await response.text();
  return {
    status: response.status,
    text,
    costUsd: response.headers.get("x-tollgate-cost-usd"),
    retryAfter: response.headers.get("retry-after"),
    id: response.headers.get("x-request-id"),
  };
}

/** The database goes away, and that is known. */
async function outage(): Promise<void> {
  await proxy.disconnect();
  expect(await gate.gateway.watch.check()).toBe(false);
}

async function journalLines(): Promise<{ ended: boolean; item: Record<string, unknown> }[]> {
  const names = await readdir(join(directory, "journal")).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(directory, "journal", name), "utf8")));
  return texts.flatMap((text) => text.split("\n").filter(Boolean)).map((line) => JSON.parse(line));
}

const waiting = async () => (await readdir(join(directory, "journal")).catch(() => [])).length;

async function backAndReplayed(): Promise<void> {
  await proxy.restore();
  await expect.poll(waiting, { timeout: 15_000 }).toBe(0);
}

const rowsOf = (ids: (string | null)[]) =>
  gate.sql`SELECT * FROM ledger WHERE id IN ${gate.sql(ids)} ORDER BY id`;

/** The ledger, every counter and the rollup say the same, and nothing is held. */
async function expectExact(): Promise<void> {
  const counters = await gate.sql`
    SELECT c.held_usd::float8 AS held, c.open_holds AS open, c.spent_usd = (
      SELECT coalesce(sum(l.cost_usd), 0) FROM ledger l WHERE c.id = ANY (l.counter_ids)) AS exact
    FROM counters c`;
  expect(counters.length).toBeGreaterThan(2);
  for (const counter of counters) expect({ ...counter }).toEqual({ held: 0, open: 0, exact: true });
  const [sum] = await gate.sql`
    SELECT sum(cost_usd)::text AS cost, count(*)::int AS rows FROM ledger WHERE status <> 'held'`;
  const [rollup] =
    await gate.sql`SELECT sum(cost_usd)::text AS cost, sum(requests)::int AS rows FROM usage_hourly`;
  expect({ ...rollup }).toEqual({ ...sum });
}

describe("while the database is away", () => {
  test("a known caller goes on, whole and streamed; its requests are in the ledger when it is back", async () => {
    await outage();
    const whole = await ask({ max_tokens: 10 });
    const streamed = await ask({ stream: true });
    expect([whole.status, streamed.status]).toEqual([200, 200]);
    expect(streamed.text).toContain("[DONE]");
    expect((await journalLines()).map(({ ended, item }) => [ended, item.id])).toEqual([
      [false, whole.id],
      [true, whole.id],
      [false, streamed.id],
      [true, streamed.id],
    ]);
    await backAndReplayed();
    const rows = await rowsOf([whole.id, streamed.id]);
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toMatchObject({
        status: "settled",
        fail_open: true,
        organization_id: gate.seeded.ids.organization,
        user_id: gate.seeded.ids.user,
        api_key_id: gate.seeded.ids.apiKey,
        usage_source: "provider",
        overrun_usd: "0.000000000000",
      });
    }
    expect(parseUsd(rows[0]?.cost_usd)).toBe(parseUsd(whole.costUsd ?? ""));
    await expectExact();
    const after = await ask();
    expect((await rowsOf([after.id]))[0]).toMatchObject({ fail_open: false });
  });

  test("that says nothing rather than being gone, they wait less than a second, once", async () => {
    proxy.blackhole();
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask()));
    // Found out in less than a second, where a call may take five; all ten together.
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const knownAt = performance.now();
    expect((await ask()).status).toBe(200);
    // To find it out once more would take longer.
    expect(performance.now() - knownAt).toBeLessThan(650);
    // The holds may yet arrive: they were sent with the same ids.
    await backAndReplayed();
    const rows = await rowsOf(answers.map(({ id }) => id));
    expect(rows.map((row) => [row.status, row.fail_open])).toEqual(answers.map(() => ["settled", true]));
    await expectExact();
  });

  test("nothing is sent upstream before the disk has it, and an unbounded request is bounded", async () => {
    await outage();
    gate.upstream.requests.length = 0;
    await ask();
    const [first] = await journalLines();
    expect(first).toMatchObject({ ended: false, item: { status: "swept", error_code: "gateway_died" } });
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ max_tokens: 4096 });
  });

  test("what a provider refuses costs nothing", async () => {
    await outage();
    const refused = await ask({ model: "status-400" });
    expect(refused.status).toBe(400);
    await backAndReplayed();
    expect((await rowsOf([refused.id]))[0]).toMatchObject({
      status: "released",
      fail_open: true,
      http_status: 400,
    });
    await expectExact();
  });

  test("a request that ends after the database is back is in the ledger when its client has the answer", async () => {
    await outage();
    const asking = ask({ model: "slow" });
    await expect.poll(() => gate.upstream.requests.at(-1)?.ending).toBe("open");
    await proxy.restore();
    const { status, id } = await asking;
    expect(status).toBe(200);
    expect((await rowsOf([id]))[0]).toMatchObject({ status: "settled", fail_open: true });
    await expectExact();
  });

  test("the models are listed for who is known", async () => {
    const list = (key: string) =>
      fetch(`${gate.url}/models`, { headers: { authorization: `Bearer ${key}` } });
    await outage();
    expect((await list(gate.seeded.apiKey)).status).toBe(200);
    expect((await list(newApiKey("live"))).status).toBe(503);
  });
});

describe("the allowance", () => {
  test("is never exceeded by requests at once; those beyond it are 503", async () => {
    await policy("fail_open", "0.001");
    await outage();
    gate.upstream.requests.length = 0;
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => ask({ model: "slow", max_tokens: 60 })),
    );
    const admitted = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 503);
    expect(admitted.length + refused.length).toBe(30);
    expect(admitted.length).toBeGreaterThan(2);
    expect(gate.upstream.requests).toHaveLength(admitted.length);
    for (const { text, retryAfter } of refused) {
      expect(JSON.parse(text).error).toMatchObject({ code: "service_unavailable" });
      expect(Number(retryAfter)).toBeGreaterThan(0);
    }
    const holds = (await journalLines())
      .filter(({ ended }) => !ended)
      .map(({ item }) => parseUsd(String(item.hold)));
    expect(holds.reduce((sum, hold) => sum + hold, 0n)).toBeLessThanOrEqual(parseUsd("0.001"));
  });

  test("is used up by what the requests of the outage cost, down to the last that fits; the next outage has all of it", async () => {
    await policy("fail_open", "0.0005");
    await outage();
    let costUsd = 0n;
    let served = 0;
    for (; served < 50; served++) {
      const { status, costUsd: cost } = await ask({ max_tokens: 64_000 });
      if (status !== 200) break;
      costUsd += parseUsd(cost ?? "");
    }
    expect(served).toBeGreaterThan(1);
    expect(served).toBeLessThan(50);
    expect(costUsd).toBeLessThanOrEqual(parseUsd("0.0005"));
    await backAndReplayed();
    await expectExact();
    await outage();
    expect((await ask()).status).toBe(200);
  });

  test("is nothing where none is set", async () => {
    await policy("fail_open", null);
    await outage();
    expect((await ask()).status).toBe(503);
  });
});

describe("a 503 is all that is left", () => {
  test("for an organization whose policy is fail_closed", async () => {
    await policy("fail_closed", "1");
    await outage();
    expect((await ask()).status).toBe(503);
  });

  test("for a caller that is not known", async () => {
    await outage();
    expect((await ask({}, { authorization: `Bearer ${newApiKey("live")}` })).status).toBe(503);
  });

  test("for a caller that was revoked, or whose time is up, since it was known", async () => {
    const [revoked, expiring] = await Promise.all([addKey(null), addKey(1_500)]);
    for (const headers of [revoked, expiring]) expect((await ask({}, headers)).status).toBe(200);
    await gate.sql`UPDATE api_keys SET revoked_at = now() WHERE name = ${revoked.name}`;
    expect((await ask({}, revoked)).status).toBe(401);
    await outage();
    expect((await ask({}, revoked)).status).toBe(503);
    expect((await ask({}, expiring)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect((await ask({}, expiring)).status).toBe(503);
  });

  test("for a caller whom a budget of zero blocks", async () => {
    await gate.sql`UPDATE users SET budget_period = 'total', budget_limit_usd = 0`;
    expect((await ask()).status).toBe(429);
    await outage();
    expect((await ask()).status).toBe(503);
    await gate.sql`UPDATE users SET budget_period = NULL, budget_limit_usd = NULL`;
  });

  test("where there is no disk to write to", async () => {
    await backAndReplayed();
    await rm(join(directory, "journal"), { recursive: true, force: true });
    await writeFile(join(directory, "journal"), "a file is in the way");
    await outage();
    gate.upstream.requests.length = 0;
    const { status, id } = await ask();
    expect(status).toBe(503);
    expect(gate.upstream.requests).toHaveLength(0);
    await rm(join(directory, "journal"));
    await proxy.restore();
    // Its line might have reached the disk all the same: the row says that nothing came of it.
    await expect
      .poll(() => rowsOf([id]), { timeout: 15_000 })
      .toMatchObject([{ status: "released", cost_usd: "0.000000000000" }]);
    await expectExact();
  });
});

async function addKey(expiresInMs: number | null) {
  const key = newApiKey("live");
  const name = randomBytes(4).toString("hex");
  const expiresAt = expiresInMs === null ? null : new Date(Date.now() + expiresInMs);
  await gate.sql`
    INSERT INTO api_keys (name, organization_id, user_id, key_hash, key_prefix, expires_at)
    VALUES (${name}, ${gate.seeded.ids.organization}, ${gate.seeded.ids.user}, ${gate.hashSecret(key)}, 'tg_', ${expiresAt})`;
  return { authorization: `Bearer ${key}`, name };
}
