import { describe, expect, test } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { aRequest, ledgerOfFile } from "#lib/credit/testing/ledger";
import { createTenant } from "#lib/db/testing/tenant";
import { heartbeat } from "./instance";
import { sweepExpiredHolds } from "./sweep";

const ledger = await ledgerOfFile();

describe("a sweep", () => {
  test("settles the holds of a dead process for what the row says, and not those of others", async () => {
    const payer = await createTenant(ledger.sql);
    const [dead, alive] = [aRequest(payer, "1"), aRequest(payer, "1")];
    const dying = ledger.process();
    await Promise.all([dying.placeHold(dead), ledger.placeHold(alive)]);
    await dying.expireLease();
    const swept = await Promise.all([sweepExpiredHolds(ledger.sql), sweepExpiredHolds(ledger.sql)]);
    expect(swept[0] + swept[1]).toBe(1);
    expect(await ledger.ledgerRow(dead.id)).toMatchObject({
      status: "swept",
      cost_usd: "0.100000000000",
      usage_source: "estimated",
      error_code: "gateway_died",
    });
    expect(await ledger.ledgerRow(alive.id)).toMatchObject({ status: "held" });
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0.1", held: "1", open: 1 });
  });

  test("charges no more than was granted, if that is less than was asked for", async () => {
    const payer = await createTenant(ledger.sql);
    await ledger.sql`UPDATE organizations SET budget_limit_usd = 0.05 WHERE id = ${payer.organizationId}`;
    const limited = { ...payer, organizationVersion: payer.organizationVersion + 1 };
    const request = { ...aRequest(limited, "1"), floorPicoUsd: parseUsd("0.01") };
    const dying = ledger.process();
    expect(await dying.placeHold(request)).toMatchObject({ heldPicoUsd: parseUsd("0.05") });
    await dying.expireLease();
    await sweepExpiredHolds(ledger.sql);
    expect(await ledger.ledgerRow(request.id)).toMatchObject({
      cost_usd: "0.050000000000",
      overrun_usd: "0.000000000000",
    });
  });

  test("finds a hold with an id older than everything its process had open at the last heartbeat", async () => {
    const payer = await createTenant(ledger.sql);
    const slowUpload = aRequest(payer, "1");
    const dying = ledger.process();
    await heartbeat(ledger.sql, dying.instance);
    await dying.placeHold(slowUpload);
    await dying.expireLease();
    expect(await sweepExpiredHolds(ledger.sql)).toBe(1);
    expect(await ledger.ledgerRow(slowUpload.id)).toMatchObject({ status: "swept" });
  });

  test("finds a hold that arrived before an older pending heartbeat", async () => {
    const payer = await createTenant(ledger.sql);
    const dying = ledger.process();
    const [earlier, slowUpload] = [aRequest(payer, "1"), aRequest(payer, "1")];
    await dying.settlements.settle(await ledger.heldAnd(earlier, "1", dying.placeHold));
    const locker = await ledger.sql.reserve();
    await locker`BEGIN`;
    await locker`SELECT FROM instances WHERE id = ${dying.instance.id} FOR UPDATE`;
    const overtaken = heartbeat(ledger.sql, dying.instance);
    await dying.placeHold(slowUpload);
    await locker`COMMIT`;
    locker.release();
    await overtaken;
    await dying.expireLease();
    await sweepExpiredHolds(ledger.sql);
    expect(await ledger.ledgerRow(slowUpload.id)).toMatchObject({ status: "swept" });
  });

  test("spares a process that has renewed its lease, and later charges the progress of its stream", async () => {
    const payer = await createTenant(ledger.sql);
    const request = aRequest(payer, "1");
    const dying = ledger.process();
    await dying.placeHold(request);
    await dying.expireLease();
    await heartbeat(ledger.sql, dying.instance, [
      { id: request.id, ifSweptPicoUsd: parseUsd("0.4"), ifSweptOutputTokens: 40 },
    ]);
    expect(await sweepExpiredHolds(ledger.sql)).toBe(0);
    await dying.expireLease();
    await sweepExpiredHolds(ledger.sql);
    expect(await ledger.ledgerRow(request.id)).toMatchObject({
      status: "swept",
      cost_usd: "0.400000000000",
      output_tokens: "40",
    });
  });

  test("lets a process that was only frozen hold again", async () => {
    const payer = await createTenant(ledger.sql);
    const frozen = ledger.process();
    await frozen.placeHold(aRequest(payer, "1"));
    await frozen.expireLease();
    await sweepExpiredHolds(ledger.sql);
    expect(await frozen.placeHold(aRequest(payer, "1"))).toMatchObject({ granted: true });
    await frozen.expireLease();
    expect(await sweepExpiredHolds(ledger.sql)).toBe(1);
  });

  test("is corrected by the difference when the settlement arrives later", async () => {
    const payer = await createTenant(ledger.sql);
    const thawed = ledger.process();
    const settlement = await ledger.heldAnd(aRequest(payer, "1"), "0.75", thawed.placeHold);
    await thawed.expireLease();
    await sweepExpiredHolds(ledger.sql);
    expect(await thawed.settlements.settle(settlement)).toBe("settled");
    expect((await ledger.countersOf(payer))[0]).toMatchObject({ spent: "0.75", held: "0", open: 0 });
    expect(await ledger.rollupOf(payer)).toMatchObject({
      requests: "1",
      errors: "0",
      cost: "0.75",
      input_tokens: "10",
      output_tokens: "5",
    });
  });
});
