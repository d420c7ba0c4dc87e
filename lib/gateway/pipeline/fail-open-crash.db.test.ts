import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, vi } from "vitest";
import { startBackends } from "#lib/gateway/testing/backends";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { bundleGateway, type GatewayProcess } from "#lib/gateway/testing/test-process";
import { startFaultyProxy } from "#lib/testing/faulty-proxy";
import { postChat } from "#lib/testing/post-chat";

/** $1 per million tokens each way. */
const rates = { inputPerMtok: "1", outputPerMtok: "1" };
const program = await bundleGateway();

/** A database behind a faulty proxy, an upstream, and a way to start gateways that share a data directory. */
async function setUp(failureMode: "fail_open" | "fail_closed") {
  const { database, upstream, encryptionKey, seeded, close } = await startBackends({
    models: ["instant", "slow", "endless"].map((name) => ({ name, rates })),
    rules: [
      { model: "slow", scenario: { content: { kind: "chat" }, framing: { headDelayMs: 2_000 } } },
      { model: "endless", scenario: { content: { kind: "endless" }, framing: { paceMs: 20 } } },
    ],
  });
  const { sql } = database;
  await sql`UPDATE organizations SET failure_mode = ${failureMode}, fail_open_allowance_usd = 1`;
  const proxy = await startFaultyProxy(database.url);
  const dataDirectory = await program.newDataDirectory();
  const journal = join(dataDirectory, "journal");
  const start = () =>
    program.start({ DATABASE_URL: proxy.url, ENCRYPTION_KEY: encryptionKey, DATA_DIR: dataDirectory });
  const journalFiles = () => readdir(journal).catch(() => []);
  const waitForReplay = () =>
    vi.waitFor(
      async () => {
        const files = await journalFiles();
        if (files.length > 0) throw new Error(`not replayed yet: ${files.join(", ")}`);
      },
      { timeout: 15_000 },
    );

  /** The ledger, once all counters agree with it. */
  async function balancedLedger() {
    await expectBalancedBooks({ sql });
    const rows = await sql`SELECT id, model, status, fail_open, cost_usd, error_code FROM ledger ORDER BY id`;
    return rows.map((row) => ({ ...row }));
  }

  return {
    proxy,
    sql,
    start,
    journal,
    journalFiles,
    balancedLedger,
    ask: (process: GatewayProcess, model: string, stream = false) =>
      postChat(process.url, seeded.apiKey, {
        model,
        stream,
        messages: [{ role: "user", content: "Hello!" }],
      }),
    waitForReplay,
    /** Restores the database, starts a gateway, and waits until it has replayed the journal. */
    recover: async () => {
      await proxy.restore();
      const recovered = await start();
      await waitForReplay();
      return recovered;
    },
    /** Waits until the provider is answering so many requests. */
    waitForOpen: (count: number) =>
      vi.waitFor(
        () => {
          const open = upstream.requests.filter(({ ending }) => ending === "open").length;
          if (open !== count) throw new Error(`${open} requests are open, not ${count}`);
        },
        { timeout: 15_000 },
      ),
    close: async () => {
      await proxy.close();
      await close();
    },
  };
}

describe.concurrent("a gateway process", () => {
  test("that is killed during an outage leaves a journal, which the next one replays once", async ({
    expect,
  }) => {
    const { proxy, start, recover, ask, waitForOpen, waitForReplay, journal, balancedLedger, close } =
      await setUp("fail_open");
    const first = await start();
    expect((await ask(first, "instant")).status).toBe(200);
    await proxy.disconnect();
    const answers = await Promise.all(["instant", "instant", "instant"].map((model) => ask(first, model)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const cutOff = [ask(first, "slow"), ask(first, "endless", true).then((answer) => answer.text())];
    for (const asking of cutOff) asking.catch(() => {});
    await waitForOpen(2);
    await first.kill("SIGKILL");
    await cp(journal, `${journal}-copy`, { recursive: true });

    // The next process starts after the outage and knows nothing of it.
    const second = await recover();
    const replayed = await balancedLedger();
    expect(replayed).toHaveLength(6);
    expect(
      replayed.filter((row) => row.model === "instant").map((row) => [row.status, row.fail_open]),
    ).toEqual([
      ["settled", false],
      ["settled", true],
      ["settled", true],
      ["settled", true],
    ]);
    for (const model of ["slow", "endless"]) {
      expect(replayed.find((row) => row.model === model)).toMatchObject({
        status: "swept",
        fail_open: true,
        error_code: "gateway_died",
      });
    }
    await second.kill("SIGKILL");

    await cp(`${journal}-copy`, journal, { recursive: true });
    const [third, fourth] = await Promise.all([start(), start()]);
    await waitForReplay();
    expect(await balancedLedger()).toEqual(replayed);
    await Promise.all([third.kill("SIGKILL"), fourth.kill("SIGKILL")]);
    await close();
  });

  test("that is stopped during an outage leaves its settlements in the journal, not to the sweep", async ({
    expect,
  }) => {
    const { proxy, sql, start, recover, ask, waitForOpen, journalFiles, balancedLedger, close } =
      await setUp("fail_closed");
    const first = await start();
    const asking = ask(first, "slow");
    await waitForOpen(1);
    await proxy.disconnect();
    const ending = first.kill("SIGTERM");
    await asking.catch(() => {});
    await ending;
    expect(await journalFiles()).toHaveLength(1);
    // In the meantime another replica sweeps its hold.
    await sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true`;
    await sql`SELECT tollgate_sweep_v1(100)`;
    expect((await sql`SELECT status FROM ledger`)[0]?.status).toBe("swept");

    const second = await recover();
    expect(await balancedLedger()).toMatchObject([{ status: "settled", fail_open: false, error_code: null }]);
    await second.kill("SIGKILL");
    await close();
  });

  test("that is killed with two attempts under way is swept for both", async ({ expect }) => {
    const { sql, start, ask, waitForOpen, balancedLedger, close } = await setUp("fail_closed");
    await sql`UPDATE models SET hedge_after_ms = 20 WHERE name = 'endless'`;
    await sql`UPDATE model_targets SET upstream_model = 'stall-mid-body' WHERE upstream_model = 'slow'`;
    await sql`
      INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
      SELECT model_id, provider_id, 'stall-before-head', price_version_id, -1 FROM model_targets
      WHERE upstream_model = 'endless'
      UNION ALL SELECT model_id, provider_id, 'stall-after-head', price_version_id, -1 FROM model_targets
      WHERE upstream_model = 'endless'`;
    await sql`UPDATE users SET budget_limit_usd = 1, budget_period = 'total'`;
    const first = await start();
    const asking = ["slow", "endless"].map((model) => ask(first, model).catch(() => {}));
    await waitForOpen(3);
    await first.kill("SIGKILL");
    await Promise.all(asking);
    const [one, two] = await sql`
      SELECT hold_usd::float8 AS held, if_swept_usd::float8 AS swept FROM ledger ORDER BY model DESC`;
    expect(two?.held).toBeGreaterThan(1.9 * one?.held);
    expect(two?.swept).toBeGreaterThan(1.9 * one?.swept);
    expect(two?.swept).toBeLessThanOrEqual(two?.held);
    await sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true`;
    await sql`SELECT tollgate_sweep_v1(100)`;
    const rows = await balancedLedger();
    expect(rows.map(({ status }) => status)).toEqual(["swept", "swept"]);
    expect(Number(rows.find(({ model }) => model === "endless")?.cost_usd)).toBe(two?.swept);
    await close();
  });
});
