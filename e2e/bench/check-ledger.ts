import postgres from "postgres";
import type { Sent } from "./measure";
import { INPUT_TOKENS, outputTokensOf } from "./scenarios";
import { isBudgeted } from "./targets";

/**
 * Checks the ledger after the bench: every request must have one row, settled with the provider's usage, and the counters
 * must agree to the last digit, also those with a budget alone.
 * @returns what is wrong; empty if nothing is
 */
export async function ledgerProblems(url: string, sent: readonly Sent[]): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [found] = await sql<{ rows: number; settled: number; input: string; output: string; cost: string }[]>`
    SELECT count(*)::int AS rows,
      (count(*) FILTER (WHERE status = 'settled' AND usage_source = 'provider'))::int AS settled,
      coalesce(sum(input_tokens), 0)::text AS input, coalesce(sum(output_tokens), 0)::text AS output,
      coalesce(sum(cost_usd), 0)::text AS cost
    FROM ledger`;
  const counters = await sql<{ scope_type: string; spent: string; held: string }[]>`
    SELECT scope_type, sum(spent_usd)::text AS spent, sum(held_usd)::text AS held FROM counters GROUP BY 1`;
  const budgeted = await sql<{ scope_type: string; spent: string }[]>`
    SELECT scope_type, sum(spent_usd)::text AS spent FROM counters
    WHERE scope_id IN (
      SELECT id FROM organizations WHERE budget_limit_usd IS NOT NULL
      UNION ALL SELECT id FROM users WHERE budget_limit_usd IS NOT NULL
      UNION ALL SELECT id FROM api_keys WHERE budget_limit_usd IS NOT NULL
    ) GROUP BY 1`;
  await sql.end();

  const requests = sent.reduce((sum, one) => sum + one.requests, 0);
  const outputTokens = sent.reduce((sum, one) => sum + one.requests * outputTokensOf(one.scenario), 0);
  const checks: [string, unknown, unknown][] = [
    ["ledger rows", found?.rows, requests],
    ["settled rows with the provider's usage", found?.settled, requests],
    ["input tokens", found?.input, String(requests * INPUT_TOKENS)],
    ["output tokens", found?.output, String(outputTokens)],
    ["cost", picoUsd(found?.cost ?? ""), costOf(sent)],
    ...counters.flatMap(({ scope_type, spent, held }): [string, unknown, unknown][] => [
      [`spent by the ${scope_type}`, picoUsd(spent), picoUsd(found?.cost ?? "")],
      [`held by the ${scope_type}`, picoUsd(held), 0n],
    ]),
    ...budgeted.map(({ scope_type, spent }): [string, unknown, unknown] => [
      `spent of the ${scope_type}'s budget`,
      picoUsd(spent),
      costOf(sent.filter(({ target }) => isBudgeted(target))),
    ]),
  ];
  return checks
    .filter(([, actual, expected]) => actual !== expected)
    .map(([what, actual, expected]) => `${what}: ${actual}, expected ${expected}`);
}

/** The cost in picodollars at $0.15 and $0.60 a million tokens. */
function costOf(sent: readonly Sent[]): bigint {
  return sent.reduce(
    (sum, { scenario, requests }) =>
      sum + BigInt(requests) * BigInt(INPUT_TOKENS * 150_000 + outputTokensOf(scenario) * 600_000),
    0n,
  );
}

function picoUsd(usd: string): bigint {
  const [whole = "0", fraction = ""] = usd.split(".");
  return BigInt(whole + fraction.padEnd(12, "0"));
}
