import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { bundleGateway, type GatewayProcess, type GatewayProgram } from "#lib/gateway/testing/test-process";
import { startFaultyProxy } from "#lib/testing/faulty-proxy";
import { postChat } from "#lib/testing/post-chat";
import { seedGateway } from "#lib/testing/seed";
import { startFakeUpstream } from "#lib/testing/upstream/fake-upstream";

const ENCRYPTION_KEY = randomBytes(32).toString("base64");
/** $1 a million tokens each way. */
const rates = { inputPerMtok: "1", outputPerMtok: "1" };
let program: GatewayProgram;
let folder: string;

beforeAll(async () => {
  program = await bundleGateway();
  folder = await mkdtemp(join(tmpdir(), "tollgate-crash-"));
});
afterAll(async () => {
  await program.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** A database behind a faulty proxy, an upstream, and a gateway's process with a caller that it knows. */
async function scene(failureMode: "fail_open" | "fail_closed") {
  const database = await createTestDatabase();
  const upstream = await startFakeUpstream({
    rules: [
      { model: "slow", scenario: { content: { kind: "chat" }, framing: { headDelayMs: 2_000 } } },
      { model: "endless", scenario: { content: { kind: "endless" }, framing: { paceMs: 20 } } },
    ],
  });
  const seeded = await seedGateway(database.url, ENCRYPTION_KEY, {
    upstreamUrl: upstream.url,
    models: ["instant", "slow", "endless"].map((name) => ({ name, rates })),
  });
  const { sql } = database;
  await sql`UPDATE organizations SET failure_mode = ${failureMode}, fail_open_allowance_usd = 1`;
  const proxy = await startFaultyProxy(database.url);
  const dataDirectory = await mkdtemp(join(folder, "data-"));
  const start = () => program.start({ DATABASE_URL: proxy.url, ENCRYPTION_KEY, DATA_DIR: dataDirectory });
  const ask = (process: GatewayProcess, model: string, stream = false) =>
    postChat(process.url, seeded.apiKey, {
      model,
      stream,
      messages: [{ role: "user", content: "Hello!" }],
    });
  const journal = join(dataDirectory, "journal");

  /** By model and status; and the sums of ledger, counters and rollup, which say the same. */
  async function books() {
    const rows = await sql`SELECT id, model, status, fail_open, cost_usd, error_code FROM ledger ORDER BY id`;
    const [sums] = await sql`
      SELECT (SELECT sum(cost_usd)::text FROM ledger) AS ledger, (SELECT sum(cost_usd)::text FROM usage_hourly) AS rollup,
        (SELECT array_agg(DISTINCT spent_usd::text) FROM counters) AS counters,
        (SELECT sum(held_usd)::float8 + sum(open_holds) FROM counters) AS held`;
    expect({ ...sums }).toEqual({
      ledger: sums?.ledger,
      rollup: sums?.ledger,
      counters: [sums?.ledger],
      held: 0,
    });
    return rows.map((row) => ({ ...row }));
  }

  return {
    proxy,
    upstream,
    sql,
    start,
    ask,
    journal,
    books,
    journalFiles: () => readdir(journal).catch(() => []),
    close: async () => {
      await upstream.close();
      await proxy.close();
      await database.drop();
    },
  };
}

describe.concurrent("a process", () => {
  test("that is killed while the database is away leaves a journal, which the next one replays, once", async ({
    expect,
  }) => {
    const { proxy, upstream, start, ask, journal, journalFiles, books, close } = await scene("fail_open");
    const first = await start();
    expect((await ask(first, "instant")).status).toBe(200);
    await proxy.disconnect();
    const answers = await Promise.all(["instant", "instant", "instant"].map((model) => ask(first, model)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const cutOff = [ask(first, "slow"), ask(first, "endless", true).then((answer) => answer.text())];
    for (const asking of cutOff) asking.catch(() => {});
    await expect.poll(() => upstream.requests.filter(({ ending }) => ending === "open").length).toBe(2);
    await first.kill("SIGKILL");
    await cp(journal, `${journal}-copy`, { recursive: true });

    // No other starts until the database is back; that one has heard nothing of it.
    await proxy.restore();
    const second = await start();
    await expect.poll(journalFiles, { timeout: 15_000 }).toEqual([]);
    const replayed = await books();
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
    await expect.poll(journalFiles, { timeout: 15_000 }).toEqual([]);
    expect(await books()).toEqual(replayed);
    await Promise.all([third.kill("SIGKILL"), fourth.kill("SIGKILL")]);
    await close();
  });

  test("that has to end before the database is back leaves its settlements in the journal, not to the sweep", async ({
    expect,
  }) => {
    const { proxy, upstream, sql, start, ask, journalFiles, books, close } = await scene("fail_closed");
    const first = await start();
    const asking = ask(first, "slow");
    await expect.poll(() => upstream.requests.filter(({ ending }) => ending === "open").length).toBe(1);
    await proxy.disconnect();
    const ending = first.kill("SIGTERM");
    await asking.catch(() => {});
    await ending;
    expect(await journalFiles()).toHaveLength(1);
    // In the meantime another replica has swept what it held.
    await sql`UPDATE instances SET alive_until = now() - interval '1 second'`;
    await sql`SELECT tollgate_sweep_v1(100)`;
    expect((await sql`SELECT status FROM ledger`)[0]?.status).toBe("swept");

    await proxy.restore();
    const second = await start();
    await expect.poll(journalFiles, { timeout: 15_000 }).toEqual([]);
    expect(await books()).toMatchObject([{ status: "settled", fail_open: false, error_code: null }]);
    await second.kill("SIGKILL");
    await close();
  });
});
