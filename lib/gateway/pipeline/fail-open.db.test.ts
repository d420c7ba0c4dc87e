import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { parseUsd } from "#lib/credit/money";
import { gatewayBehindProxy } from "#lib/gateway/testing/gateway-behind-proxy";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { stopwatch } from "#lib/testing/promptness";
import { lenient, type Scenario } from "#lib/testing/upstream/scenario";

/** $1 per million tokens each way: a token costs a microdollar. */
const rates = { inputPerMtok: "1", outputPerMtok: "1" };
const messages = [{ role: "user", content: "Hello!" }];
/** An answer of 20 tokens, after a delay. */
const slow = (headDelayMs: number): Scenario => ({
  content: { kind: "chat", usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 } },
  framing: { headDelayMs },
});

const { gate, proxy, journalDirectory } = await gatewayBehindProxy({
  models: [
    { name: "instant", upstreamModel: "claude-instant", rates },
    { name: "slow", upstreamModel: "claude-slow", rates },
    { name: "status-400", rates },
    { name: "reads", rates, contextWindow: 70_000 },
  ],
  rules: [
    { model: "claude-slow", scenario: slow(400) },
    { model: "reads", scenario: lenient({ contextWindow: 70_000, visibleTokens: 20, tokensPerSecond: 50 }) },
  ],
});
beforeEach(() => policy("fail_open", "1"));
afterEach(async () => {
  await proxy.restore();
  await gate.gateway.watch.untilAvailable();
});

/** Sets the organization's policy, and lets the gateway cache the caller with it. */
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

/** Disconnects the database, and waits until the gateway knows. */
async function outage(): Promise<void> {
  await proxy.disconnect();
  expect(await gate.gateway.watch.check()).toBe(false);
}

async function journalLines(): Promise<{ ended: boolean; item: Record<string, unknown> }[]> {
  const names = await journalFiles();
  const texts = await Promise.all(names.map((name) => readFile(join(journalDirectory, name), "utf8")));
  return texts.flatMap((text) => text.split("\n").filter(Boolean)).map((line) => JSON.parse(line));
}

const journalFiles = () => readdir(journalDirectory).catch(() => []);

/** Restores the database, and waits until the journal is replayed. */
async function recovery(): Promise<void> {
  await proxy.restore();
  await expect.poll(journalFiles, { timeout: 15_000 }).toEqual([]);
}

const rowsOf = (ids: (string | null)[]) =>
  gate.sql`SELECT * FROM ledger WHERE id IN ${gate.sql(ids)} ORDER BY id`;

describe("while the database is unavailable", () => {
  test("serves a cached caller, whole and streamed, and replays the requests into the ledger afterwards", async () => {
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
    await recovery();
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
    await expectBalancedBooks(gate);
    const after = await ask();
    expect((await rowsOf([after.id]))[0]).toMatchObject({ fail_open: false });
  });

  test("charges a client that hangs up for the document that its provider has read", async () => {
    await outage();
    const gone = new AbortController();
    const content = [{ type: "file", file: { file_url: "https://files.example.com/report.pdf" } }];
    const asked = gate.chat(
      { model: "reads", messages: [{ role: "user", content }], max_tokens: 20 },
      { signal: gone.signal },
    );
    await expect.poll(() => gate.gateway.inFlight.size).toBe(1);
    const [id = ""] = gate.gateway.inFlight.keys();
    await expect.poll(() => gate.upstream.requests.at(-1)?.rawBody).toContain("report.pdf");
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => gate.gateway.inFlight.size).toBe(0);
    await recovery();
    const [row] = await rowsOf([id]);
    expect(row).toMatchObject({ fail_open: true, http_status: 499, usage_source: "provider" });
    expect(Number(row?.input_tokens)).toBeGreaterThan(60_000);
  });

  test("waits less than a second, once, for a database that hangs", async () => {
    proxy.blackhole();
    const took = stopwatch();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask()));
    // All ten share one detection, which takes less than a second; a call may take five.
    expect(took()).toBeLessThan(3_000);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const tookAgain = stopwatch();
    expect((await ask()).status).toBe(200);
    // Detecting it again would take longer.
    expect(tookAgain()).toBeLessThan(650);
    // The holds may still arrive, under the same ids.
    await recovery();
    const rows = await rowsOf(answers.map(({ id }) => id));
    expect(rows.map((row) => [row.status, row.fail_open])).toEqual(answers.map(() => ["settled", true]));
    await expectBalancedBooks(gate);
  });

  test("journals a request before it goes upstream, and bounds an unbounded one", async () => {
    await outage();
    gate.upstream.requests.length = 0;
    await ask();
    const [first] = await journalLines();
    expect(first).toMatchObject({ ended: false, item: { status: "swept", error_code: "gateway_died" } });
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ max_tokens: 4096 });
  });

  test("sends the client's bound under the provider's name only", async () => {
    await outage();
    const { status } = await ask({ max_completion_tokens: 10, options: { num_predict: 10, seed: 1 } });
    expect(status).toBe(200);
    const sent = gate.upstream.requests.at(-1)?.body;
    expect(sent).toMatchObject({ max_tokens: 10, options: { seed: 1 } });
    expect(JSON.stringify(sent)).not.toMatch(/max_completion_tokens|num_predict/);
  });

  test("charges nothing for a request that the provider rejects", async () => {
    await outage();
    const failed = await ask({ model: "status-400" });
    expect(failed.status).toBe(400);
    await recovery();
    expect((await rowsOf([failed.id]))[0]).toMatchObject({
      status: "released",
      fail_open: true,
      http_status: 400,
    });
    await expectBalancedBooks(gate);
  });

  test("settles a request that ends after recovery before its client has the answer", async () => {
    await outage();
    const asking = ask({ model: "slow" });
    await expect.poll(() => gate.upstream.requests.at(-1)?.ending).toBe("open");
    await proxy.restore();
    const { status, id } = await asking;
    expect(status).toBe(200);
    expect((await rowsOf([id]))[0]).toMatchObject({ status: "settled", fail_open: true });
    await expectBalancedBooks(gate);
  });

  test("lists the models for cached callers only", async () => {
    const list = (key: string) =>
      fetch(`${gate.url}/models`, { headers: { authorization: `Bearer ${key}` } });
    await outage();
    expect((await list(gate.seeded.apiKey)).status).toBe(200);
    expect((await list(newApiKey("live"))).status).toBe(503);
  });
});

describe("the allowance", () => {
  test("is never exceeded by concurrent requests: those beyond it get 503", async () => {
    await policy("fail_open", "0.001");
    await outage();
    gate.upstream.requests.length = 0;
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => ask({ model: "slow", max_tokens: 60 })),
    );
    const admitted = answers.filter(({ status }) => status === 200);
    const rejected = answers.filter(({ status }) => status === 503);
    expect(admitted.length + rejected.length).toBe(30);
    expect(admitted.length).toBeGreaterThan(2);
    expect(gate.upstream.requests).toHaveLength(admitted.length);
    for (const { text, retryAfter } of rejected) {
      expect(JSON.parse(text).error).toMatchObject({ code: "service_unavailable" });
      expect(Number(retryAfter)).toBeGreaterThan(0);
    }
    // A request uses its hold until it ends, and its cost from then on: a slow machine admits some after others ended.
    const ids = new Set<unknown>(answers.map(({ id }) => id));
    const usedById = new Map<unknown, bigint>();
    for (const { ended, item } of await journalLines()) {
      if (!ids.has(item.id)) continue;
      usedById.set(item.id, parseUsd(String(ended ? item.cost : item.hold)));
      const used = [...usedById.values()].reduce((sum, picoUsd) => sum + picoUsd, 0n);
      expect(used).toBeLessThanOrEqual(parseUsd("0.001"));
    }
    expect(usedById.size).toBe(admitted.length);
  });

  test("is used up by the cost of requests, to the last that fits, and is full again in the next outage", async () => {
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
    await recovery();
    await expectBalancedBooks(gate);
    await outage();
    expect((await ask()).status).toBe(200);
  });

  test("is named by the rejection, with what is left of it and what is needed", async () => {
    await policy("fail_open", "0.0000205");
    await outage();
    const { status, text } = await ask();
    expect(status).toBe(503);
    const { code, message } = JSON.parse(text).error;
    expect(code).toBe("service_unavailable");
    expect(message).toMatch(
      /^The database is unavailable, and your organization's allowance for outages has \$0\.00002 left: this request needs at least \$0\.0000\d+\. Try again\.$/,
    );
  });

  test("is zero if none is set", async () => {
    await policy("fail_open", null);
    await outage();
    const { status, text } = await ask();
    expect(status).toBe(503);
    expect(JSON.parse(text).error.message).toContain("allowance for outages has $0 left");
  });
});

describe("answers 503", () => {
  test("to an organization whose policy is fail_closed", async () => {
    await policy("fail_closed", "1");
    await outage();
    expect((await ask()).status).toBe(503);
  });

  test("to a caller that is not cached", async () => {
    await outage();
    expect((await ask({}, { authorization: `Bearer ${newApiKey("live")}` })).status).toBe(503);
  });

  test("to a cached caller that was revoked or has expired since", async () => {
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

  test("to a caller whose budget of zero blocks it", async () => {
    await gate.sql`UPDATE users SET budget_period = 'total', budget_limit_usd = 0`;
    expect((await ask()).status).toBe(429);
    await outage();
    expect((await ask()).status).toBe(503);
    await gate.sql`UPDATE users SET budget_period = NULL, budget_limit_usd = NULL`;
  });

  test("if the journal cannot be written", async () => {
    await recovery();
    await rm(journalDirectory, { recursive: true, force: true });
    await writeFile(journalDirectory, "a file in place of the folder");
    await outage();
    gate.upstream.requests.length = 0;
    const { status, id } = await ask();
    expect(status).toBe(503);
    expect(gate.upstream.requests).toHaveLength(0);
    await rm(journalDirectory);
    await proxy.restore();
    // Its line may have reached the disk all the same, so it gets a row, which is released.
    await expect
      .poll(() => rowsOf([id]), { timeout: 15_000 })
      .toMatchObject([{ status: "released", cost_usd: "0.000000000000" }]);
    await expectBalancedBooks(gate);
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
