import fc from "fast-check";
import { expect, test } from "vitest";
import { databaseGates } from "#lib/credit/batching/tenant-lanes";
import { replayer, settledItem } from "#lib/credit/fail-open/replay";
import { uuidv7 } from "#lib/credit/request-id";
import { aRequest, aSettlement, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant } from "#lib/db/testing/tenant";
import { holdPlacer } from "./hold";
import { newInstance } from "./instance";
import { ledgerCalls } from "./ledger-calls";

const ledger = await ledgerOfFile();
const instance = newInstance();
const { sql } = ledger;
const calls = ledgerCalls({ sql, steady: sql }, instance, databaseGates(), 5_000);
const hold = holdPlacer(calls.hold, instance);
const replay = replayer(sql, databaseGates(), 5_000);

/** Any units of UTF-16, often U+0000 and halves of surrogates. */
const unit = fc.oneof(fc.constantFrom(0, 0xd83d, 0xde00), fc.nat(0xffff));
const text = fc.array(unit, { maxLength: 20 }).map((units) => String.fromCharCode(...units));
const texts = fc.record({
  endpoint: text,
  model: text,
  providerName: text,
  upstreamModel: text,
  clientRequestId: text,
  sessionId: text,
  tags: fc.array(text, { maxLength: 3 }),
  errorCode: text,
  dropped: fc.array(text, { maxLength: 3 }),
});

test("a request is held and settled whatever the texts of its row are", async () => {
  const payer = await createTenant(sql);
  const settled = fc.asyncProperty(texts, async ({ errorCode, dropped, ...row }) => {
    const request = { ...aRequest(payer, "0.001"), ...row };
    const verdict = await hold(request);
    const { counterIds, createdAt } = verdict.granted ? verdict : { counterIds: null, createdAt: null };
    const ending = { ...aSettlement(request, "0.001"), ...row, counterIds, createdAt, errorCode, dropped };
    expect(await calls.settle(ending)).toBe("settled");
    // A settlement whose hold was lost writes the whole row.
    const withoutHold = () => ({ ...ending, hold: { ...request, id: uuidv7() } });
    expect(await calls.settle(withoutHold())).toBe("settled");
    expect(await replay(settledItem(withoutHold()))).toBe("replayed");
  });
  await fc.assert(settled, { numRuns: 60 });
  const [{ held } = { held: null }] = await sql`
    SELECT count(*)::int AS held FROM ledger WHERE status = 'held'`;
  expect(held).toBe(0);
});
