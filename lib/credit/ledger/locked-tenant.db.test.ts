import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { stopwatch } from "#lib/testing/promptness";
import { sweepExpiredHolds } from "./sweep";

const ledger = await ledgerOfFile();
let locked: TestPayer;
let others: TestPayer[];

beforeEach(async () => {
  locked = await createTenant(ledger.sql);
  others = [await createTenant(ledger.sql), await createTenant(ledger.sql)];
  // Creates everyone's counters.
  for (const payer of [locked, ...others]) await ledger.heldAnd(aRequest(payer, "0"), "0");
});

/** Locks the tenant's counter meanwhile, as a long transaction of an administrator does. */
async function whileLocked<T>(during: () => Promise<T>): Promise<T> {
  const locker = await ledger.sql.reserve();
  try {
    await locker`BEGIN`;
    await locker`SELECT 1 FROM counters WHERE scope_id = ${locked.organizationId} FOR UPDATE`;
    return await during();
  } finally {
    await locker`ROLLBACK`;
    locker.release();
  }
}

const times = <T>(count: number, create: () => T): T[] => Array.from({ length: count }, create);

describe("while a tenant's counter is locked", () => {
  test("for two seconds, places other tenants' holds, and its own as soon as the lock is released", async () => {
    const own = await whileLocked(async () => {
      const until = performance.now() + 2_000;
      const own = [];
      // Batches contain all three tenants. Only the locked one has pending holds when the lock is released.
      do {
        own.push(...times(10, () => ledger.placeHold(aRequest(locked, "0.01"))));
        const placed = others.map((payer) => ledger.placeHold(aRequest(payer, "0.01")));
        expect(await Promise.all(placed)).toMatchObject([{ granted: true }, { granted: true }]);
        await sleep(50);
      } while (performance.now() < until);
      return own;
    });
    expect((await Promise.all(own)).every((verdict) => verdict.granted)).toBe(true);
    expect(Number((await ledger.countersOf(locked))[0]?.held)).toBeCloseTo(own.length * 0.01);
  });

  test("delays no other tenant for longer than one attempt", async () => {
    const waitsMs: number[] = [];
    const own = await whileLocked(async () => {
      const own = [];
      for (let round = 0; round < 15; round++) {
        own.push(ledger.placeHold(aRequest(locked, "0.01")));
        const took = stopwatch();
        await Promise.all(others.map((payer) => ledger.placeHold(aRequest(payer, "0.01"))));
        waitsMs.push(took());
      }
      return own;
    });
    await Promise.all(own);
    // The first round times out; after that, the others have their own lane. Each attempt takes 300 ms.
    expect(waitsMs.filter((ms) => ms > 250).length).toBeLessThanOrEqual(5);
  });

  test("settles other tenants' requests, and its own as soon as the lock is released", async () => {
    const settlements = await Promise.all(
      [...times(10, () => locked), ...others].map((payer) => ledger.heldAnd(aRequest(payer, "0.01"), "0.01")),
    );
    const own = await whileLocked(async () => {
      const own = settlements.slice(0, -2).map((settlement) => ledger.settlements.settle(settlement));
      const settled = settlements.slice(-2).map((settlement) => ledger.settlements.settle(settlement));
      expect(await Promise.all(settled)).toEqual(["settled", "settled"]);
      return own;
    });
    expect(new Set(await Promise.all(own))).toEqual(new Set(["settled"]));
    expect((await ledger.countersOf(locked))[0]).toMatchObject({ spent: "0.1", held: "0" });
  });

  test("leaves its locked rows to the next sweep", async () => {
    const dead = ledger.process();
    await ledger.heldAnd(aRequest(locked, "1"), "1", dead.placeHold);
    await dead.expireLease();
    expect(await whileLocked(() => sweepExpiredHolds(ledger.sql))).toBe(0);
    expect(await sweepExpiredHolds(ledger.sql)).toBe(1);
  });
});

test("rejects a tenant whose rows stay locked, and reports that nothing was held", async () => {
  const request = aRequest(locked, "1");
  await whileLocked(() =>
    expect(ledger.placeHold(request)).rejects.toMatchObject({
      name: "DatabaseUnavailable",
      maybeDone: false,
    }),
  );
  expect(ledger.instance.open).not.toContain(request.id);
});
