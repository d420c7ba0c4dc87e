import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { creditCommands } from "#lib/credit/testing/credit-commands";
import { createReference, createSystem } from "#lib/credit/testing/credit-system";
import { ledgerOfFile } from "#lib/credit/testing/ledger";

const ledger = await ledgerOfFile();

beforeAll(avoidMidnight);

/** Midnight during the test would roll over buckets that the reference keeps. */
async function avoidMidnight(): Promise<void> {
  const leftMs = 86_400_000 - (Date.now() % 86_400_000);
  if (leftMs < 120_000) await new Promise((resolve) => setTimeout(resolve, leftMs + 1_000));
}

test("the credit functions behave as the reference does, in sequence and concurrently", async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(creditCommands(), { maxCommands: 40, size: "max" }), async (commands) => {
      const real = createSystem(ledger.sql, 4);
      const model = await createReference(ledger.sql);
      await fc.asyncModelRun(() => ({ model, real }), commands);
      const [wrong] = await ledger.sql`
        SELECT count(*)::int AS counters FROM counters c
        WHERE c.scope_id = ANY (${model.scopes.map(({ id }) => id)}::uuid[])
          AND c.spent_usd - c.opening_usd <> (
            SELECT coalesce(sum(l.cost_usd), 0) FROM ledger l
            WHERE l.organization_id = ${model.scopes[0]?.id ?? ""} AND c.id = ANY (l.counter_ids))`;
      expect(wrong).toEqual({ counters: 0 });
    }),
    { numRuns: 40 },
  );
}, 240_000);
