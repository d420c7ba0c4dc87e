import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { gatewayBehindProxy } from "#lib/gateway/testing/gateway-behind-proxy";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";

const STORM_MS = 6_000;
const CLIENTS = 24;
const COST_USD = "0.00002";
const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };

const { gate, proxy, journalDirectory } = await gatewayBehindProxy({
  models: [{ name: "brief", rates: { inputPerMtok: "1", outputPerMtok: "1" } }],
  rules: [
    {
      model: "brief",
      scenario: { content: { kind: "chat", usage, chunks: 2 }, framing: { headDelayMs: 30 } },
    },
  ],
});

test("records every request that the provider saw exactly once while the database comes and goes", async () => {
  await gate.sql`UPDATE organizations SET failure_mode = 'fail_open', fail_open_allowance_usd = 0.05`;
  const served: (string | null)[] = [];
  const statuses = new Map<number, number>();
  const until = performance.now() + STORM_MS;

  const client = async (number: number) => {
    for (let times = 0; performance.now() < until; times++) {
      const response = await gate.chat({
        model: "brief",
        max_tokens: 50,
        stream: (number + times) % 2 === 0,
        messages: [{ role: "user", content: "Hello!" }],
      });
      await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 200) served.push(response.headers.get("x-request-id"));
      else await sleep(20);
    }
  };
  const outages = async () => {
    const faults = [proxy.disconnect, proxy.blackhole, proxy.strandConnections, proxy.disconnect];
    // Only known callers go on without the database, however slow this machine is.
    await expect.poll(() => served.length).toBeGreaterThan(CLIENTS);
    for (let times = 0; performance.now() < until - 1_000; times++) {
      await sleep(150 + 250 * Math.random());
      await faults[times % faults.length]?.();
      if (times === 0) await expect.poll(() => gate.gateway.watch.isUnavailable()).toBe(true);
      await sleep(100 + 800 * Math.random());
      await proxy.restore();
    }
  };
  await Promise.all([outages(), ...Array.from({ length: CLIENTS }, (_, number) => client(number))]);
  await Promise.all([gate.gateway.settler.idle(), gate.gateway.failOpen?.idle()]);
  await gate.gateway.failOpen?.replay();

  expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  const [rows] = await gate.sql`
    SELECT count(*) FILTER (WHERE status = 'settled')::int AS settled, count(*) FILTER (WHERE fail_open)::int AS fail_open,
      count(*) FILTER (WHERE status NOT IN ('settled', 'released'))::int AS others,
      count(*) FILTER (WHERE status = 'settled' AND cost_usd <> ${COST_USD})::int AS wrong,
      count(*) FILTER (WHERE status = 'settled' AND cardinality(counter_ids) <> 3)::int AS uncounted
    FROM ledger`;
  expect({ ...rows, fail_open: (rows?.fail_open ?? 0) > 0 }).toEqual({
    settled: gate.upstream.requests.length,
    fail_open: true,
    others: 0,
    wrong: 0,
    uncounted: 0,
  });
  const [known] = await gate.sql`
    SELECT count(*)::int AS rows FROM ledger WHERE status = 'settled' AND id IN ${gate.sql(served)}`;
  expect(known?.rows).toBe(served.length);
  await expectBalancedBooks(gate);
  expect(await readdir(journalDirectory)).toEqual([]);
});
