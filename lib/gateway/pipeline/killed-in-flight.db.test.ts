import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { startBackends } from "#lib/gateway/testing/backends";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { bundleGateway } from "#lib/gateway/testing/test-process";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";
import { postChat } from "#lib/testing/post-chat";
import { lenient } from "#lib/testing/upstream/scenario";

const contextWindow = 70_000;
const BUDGET_USD = 3;
/** $1 a million input tokens, and $100 output. */
const rates = { inputPerMtok: "1", outputPerMtok: "100" };
/** Each shows its output at once, hides it, or reads what only its report tells. */
const SCENARIOS = {
  "gpt-4o": lenient({ contextWindow, visibleTokens: 3_000, tokensPerSecond: 90 }),
  o3: lenient({
    contextWindow,
    visibleTokens: 100,
    hiddenTokens: { before: 2_900, after: 0 },
    tokensPerSecond: 90,
  }),
  reads: lenient({ contextWindow, visibleTokens: 3_000, tokensPerSecond: 90 }),
};
const file = { type: "file", file: { file_url: "https://files.example.com/report.pdf" } };
const hello = { type: "text", text: "Hello!" };

const program = await bundleGateway();
const backends = await startBackends({
  models: Object.keys(SCENARIOS).map((name) => ({ name, rates, contextWindow })),
  rules: Object.entries(SCENARIOS).map(([model, scenario]) => ({ model, scenario })),
  bill: true,
});
const { database, upstream, encryptionKey, seeded } = backends;
const { sql } = database;
afterAll(() => backends.close());

/** Longer than what is charged beyond what is known, at 256 tokens. */
const KILLED_AFTER_MS = 4_500;

test("a process that is killed in flight leaves no hard budget charged below what was billed, nor overspent", async () => {
  await leaveBudget({ sql, seeded }, BUDGET_USD);
  const process = await program.start({
    DATABASE_URL: database.url,
    ENCRYPTION_KEY: encryptionKey,
    DATA_DIR: await program.newDataDirectory(),
  });
  const models = Object.keys(SCENARIOS);
  const asked = Array.from({ length: 18 }, (_, at) => {
    const model = models[at % models.length] ?? "";
    const content = model === "reads" ? [hello, file] : [hello];
    const body = { model, max_tokens: 3_000, stream: at % 2 === 0, messages: [{ role: "user", content }] };
    return postChat(process.url, seeded.apiKey, body).then(
      (response) => response.text().catch(() => {}),
      () => {},
    );
  });
  await expect.poll(() => upstream.requests.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(6);
  await sleep(KILLED_AFTER_MS);
  await process.kill("SIGKILL");
  await Promise.all(asked);
  await expect.poll(() => upstream.requests.some(({ ending }) => ending === "open")).toBe(false);

  await sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true`;
  expect(await sweepExpiredHolds(sql)).toBeGreaterThanOrEqual(models.length);
  const rows = await sql`SELECT id, model, status, cost_usd::float AS usd FROM ledger`;
  let mostBilled = 0;
  for (const { id, model, status, usd } of rows) {
    const { inputTokens, outputTokens } = upstream.bills.get(id)?.billed ?? {
      inputTokens: 0,
      outputTokens: 0,
    };
    mostBilled = Math.max(mostBilled, outputTokens);
    const billedUsd = inputTokens * 1e-6 + outputTokens * 100e-6;
    expect({ model, status, isCovered: usd >= billedUsd }).toEqual({
      model,
      status: expect.stringMatching(/^(?:swept|settled)$/),
      isCovered: true,
    });
  }
  expect(mostBilled).toBeGreaterThan(256);
  expect(await spentUsd({ sql, seeded })).toBeLessThanOrEqual(BUDGET_USD);
  await expectBalancedBooks({ sql });
});
