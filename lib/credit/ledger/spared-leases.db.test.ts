import { beforeEach, describe, expect, test } from "vitest";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant } from "#lib/db/testing/tenant";
import { heartbeat } from "./instance";
import { sweepExpiredHolds } from "./sweep";

const ledger = await ledgerOfFile();
const { sql } = ledger;
const LEASE_SECONDS = 60;

beforeEach(async () => {
  await sql`DELETE FROM instances`;
});

/** As if all heartbeats of the processes that are there, or of one, had been so long ago. */
async function seenSecondsAgo(seconds: number, id: string | null = null): Promise<void> {
  await sql`
    UPDATE instances SET seen_at = now() - ${seconds} * interval '1 second',
      alive_until = now() + ${LEASE_SECONDS - seconds} * interval '1 second'
    WHERE ${id}::uuid IS NULL OR id = ${id}`;
}

/** As if time had passed without any heartbeat. */
async function pass(seconds: number): Promise<void> {
  await sql`
    UPDATE instances SET seen_at = seen_at - ${seconds} * interval '1 second',
      alive_until = alive_until - ${seconds} * interval '1 second'`;
}

async function holding() {
  const process = ledger.process();
  const request = aRequest(await createTenant(sql), "1");
  const settlement = await ledger.heldAnd(request, "0.75", process.placeHold);
  return { ...process, settlement, statusOf: async () => (await ledger.ledgerRow(request.id))?.status };
}

describe("after an outage of the database that outlasts the leases", () => {
  test("the first process to return leaves the holds of one that returns seconds later", async () => {
    const [first, second] = [await holding(), await holding()];
    await seenSecondsAgo(70);
    await heartbeat(sql, first.instance);
    expect(await sweepExpiredHolds(sql)).toBe(0);
    await heartbeat(sql, second.instance);
    expect(await sweepExpiredHolds(sql)).toBe(0);
    expect(await second.settlements.settle(second.settlement)).toBe("settled");
  });

  test("a sweep that comes before any heartbeat leaves them, too", async () => {
    const process = await holding();
    await seenSecondsAgo(3_600);
    expect(await sweepExpiredHolds(sql)).toBe(0);
    expect(await process.statusOf()).toBe("held");
  });

  test("so does one that still had a second left", async () => {
    const [first, second] = [await holding(), await holding()];
    await seenSecondsAgo(74, second.instance.id);
    await seenSecondsAgo(59, first.instance.id);
    await heartbeat(sql, first.instance);
    expect(await sweepExpiredHolds(sql)).toBe(0);
    expect(await second.statusOf()).toBe("held");
  });

  test("the holds of a process that does not return are swept a quarter of its lease later, once and for all", async () => {
    const dead = await holding();
    await seenSecondsAgo(70);
    expect(await sweepExpiredHolds(sql)).toBe(0);
    await pass(14);
    expect(await sweepExpiredHolds(sql)).toBe(0);
    await pass(2);
    expect(await sweepExpiredHolds(sql)).toBe(1);
    expect(await dead.statusOf()).toBe("swept");
  });
});

test("a process that misses its lease while another is seen is swept at once", async () => {
  const [alive, dead] = [await holding(), await holding()];
  await seenSecondsAgo(61, dead.instance.id);
  await heartbeat(sql, alive.instance);
  await seenSecondsAgo(29, alive.instance.id);
  expect(await sweepExpiredHolds(sql)).toBe(1);
  expect(await dead.statusOf()).toBe("swept");
  expect(await alive.statusOf()).toBe("held");
});

test("a heartbeat earns a spared process the same again at the next outage", async () => {
  const process = await holding();
  for (let outage = 0; outage < 2; outage++) {
    await seenSecondsAgo(70);
    expect(await sweepExpiredHolds(sql)).toBe(0);
    await heartbeat(sql, process.instance);
  }
  expect(await process.statusOf()).toBe("held");
});
