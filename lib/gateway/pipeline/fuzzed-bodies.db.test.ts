import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { statusesOf } from "#lib/gateway/testing/body-batches";
import { type FuzzedBody, fuzzedBody } from "#lib/gateway/testing/fuzzed-body";
import { startTestGateway, type TestGateway } from "#lib/gateway/testing/test-gateway";

const BODIES = 4_000;
const AT_ONCE = 50;

/** Traces of our code, its files, its queries and its database. */
const INSIDES =
  /\bat (?:async )?[\w.<>]+ \(|node:internal|node_modules|\.[cm]?[jt]s:\d+|\/work\/|\bSELECT\b|\bINSERT\b|postgres(?:ql)?:|ECONN|tollgate_\w+_v\d|internal_error/;

let gate: TestGateway;
const logged = vi.fn();

beforeAll(async () => {
  gate = await startTestGateway({ models: [{ name: "instant" }] });
  await gate.sql`UPDATE models SET context_window = 100000`;
  vi.spyOn(gate.gateway.log, "error").mockImplementation(logged);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await gate.close();
});

test(`${BODIES} bodies of every kind are answered, or refused in a few words that give nothing away`, async () => {
  const statuses = await statusesOf(fuzzedBody, { bodies: BODIES, atOnce: AT_ONCE, send: answered });

  expect(logged.mock.calls).toEqual([]);
  // Neither all at the first door nor all let through.
  const LEAST = { 200: 400, 400: 400, 404: 0, 415: 50 };
  for (const [status, least] of Object.entries(LEAST)) {
    expect(statuses.get(Number(status)) ?? 0, status).toBeGreaterThan(least);
  }
  const [held] = await gate.sql`
      SELECT count(*) FILTER (WHERE status = 'held')::int AS rows, (SELECT sum(held_usd) FROM counters)::text AS usd
      FROM ledger`;
  expect(held).toEqual({ rows: 0, usd: "0.000000000000" });
  await gate.gateway.rejections.flush();
  const [counted] =
    await gate.sql`SELECT sum(rejections)::int AS refused, count(*)::int AS rows FROM rejections_hourly`;
  const refused = [...statuses].filter(([status]) => status >= 400).reduce((sum, [, many]) => sum + many, 0);
  expect(counted?.refused).toBe(refused);
  expect(counted?.rows).toBeLessThan(300);
}, 120_000);

/** Sends one and checks what came back; answers its status. */
async function answered({ bytes, headers }: FuzzedBody): Promise<number> {
  const response = await fetch(`${gate.url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gate.seeded.apiKey}`, ...headers },
    body: new Uint8Array(bytes),
  });
  const text = await response.text();
  try {
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    if (response.status === 200) return 200;
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    const { error } = JSON.parse(text);
    expect(error).toEqual({
      message: expect.stringMatching(/^[^\n]{10,500}$/),
      type: expect.stringMatching(/^[a-z_]+$/),
      param: error.param === null ? null : expect.any(String),
      code: expect.stringMatching(/^[a-z_]+$/),
    });
    const shown = `${error.message} ${JSON.stringify([...response.headers])}`;
    expect(shown).not.toMatch(INSIDES);
    for (const secret of [gate.seeded.apiKey, gate.seeded.canary, gate.upstream.url]) {
      expect(text).not.toContain(secret);
    }
    return response.status;
  } catch (error) {
    const sent = `${JSON.stringify(headers)} ${JSON.stringify(bytes.toString("latin1").slice(0, 2_000))}`;
    throw new Error(`${response.status} ${text.slice(0, 500)}\nfor ${sent}`, { cause: error });
  }
}
