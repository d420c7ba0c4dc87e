import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { deleteOldRequests } from "#lib/credit/ledger/delete-requests";
import { rollUpUsage } from "#lib/credit/ledger/roll-up";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { parseUsd } from "#lib/credit/money";
import { uuidv7 } from "#lib/credit/request-id";
import { aRequest, aSettlement, ledgerOfFile } from "#lib/credit/testing/ledger";
import { readPayer } from "#lib/credit/testing/read-payer";
import { ledger as ledgerTable, metadataSets } from "#lib/db/schema/credit";
import { createTenant, type TestPayer } from "#lib/db/testing/tenant";
import { readMetrics } from "#lib/services/metrics/read-metrics";
import { reconcile } from "#lib/services/reconcile/reconcile";
import { testContext } from "#lib/services/testing/context";
import { updateUser } from "#lib/services/users/update-user";
import { HOUR_MS, QUARTER_MS } from "./report-window";
import { METADATA, METADATA_GROUPS, reference, sumsOf, ZONES } from "./testing/reference";
import { USAGE_GROUPS } from "./usage-question";
import { usageReport } from "./usage-report";

/** Four days around the start of summer time in Europe, and of winter time in Chatham a week later. */
const START = Date.parse("2026-03-28T00:00:00Z");
const DAYS = 9;
const QUARTERS = DAYS * 96;

type Row = typeof ledgerTable.$inferSelect;

const ledger = await ledgerOfFile();
const ctx = testContext(ledger.control(4));
/** What retention has deleted. */
const removed: Row[] = [];
const payers: TestPayer[] = [];

beforeAll(async () => {
  const first = await createTenant(ledger.sql);
  await ctx.db.insert(metadataSets).values(Object.entries(METADATA).map(([id, pairs]) => ({ id, pairs })));
  payers.push(first, await createTenant(ledger.sql, first), await createTenant(ledger.sql));
});

const ended = async (): Promise<Row[]> =>
  (await ctx.db.select().from(ledgerTable)).filter(({ status }) => status !== "held");

const someRequest = fc.record({
  payer: fc.nat(2),
  quarter: fc.nat(QUARTERS - 1),
  offsetMs: fc.nat(QUARTER_MS - 1),
  model: fc.constantFrom("a", "b"),
  upstreamModel: fc.constantFrom("a-1", "b-1"),
  endpoint: fc.constantFrom("chat/completions", "messages"),
  tags: fc.constantFrom([], ["x"], ["x", "y"]),
  metadataId: fc.constantFrom(null, ...Object.keys(METADATA)),
  status: fc.constantFrom("settled" as const, "settled" as const, "released" as const),
  httpStatus: fc.constantFrom(200, 429, 502),
  costPicoUsd: fc.bigInt(0n, 5_000_000_000n),
  latencyMs: fc.integer({ min: 1, max: 100_000 }),
});
type SomeRequest = typeof someRequest extends fc.Arbitrary<infer T> ? T : never;

/** Holds a request of the past, by a process that dies or not, and returns its settlement. */
async function hold(spec: SomeRequest, process: Pick<typeof ledger, "placeHold">) {
  const atMs = START + spec.quarter * QUARTER_MS + spec.offsetMs;
  const payer = await readPayer(ledger.sql, payers[spec.payer] ?? expect.fail());
  const request = {
    ...aRequest({ ...payer, metadataId: spec.metadataId }, "0.5"),
    id: uuidv7(atMs),
    model: spec.model,
    endpoint: spec.endpoint,
    tags: spec.tags,
  };
  const verdict = await process.placeHold(request);
  if (!verdict.granted) throw new Error(`not granted: ${verdict.reason}`);
  await ledger.sql`UPDATE ledger SET created_at = ${new Date(atMs)} WHERE id = ${request.id}`;
  const { costPicoUsd, upstreamModel, status, httpStatus, latencyMs } = spec;
  const settlement = aSettlement(request, "0");
  const { counterIds } = verdict;
  return {
    ...settlement,
    counterIds,
    costPicoUsd,
    upstreamModel,
    status,
    httpStatus,
    latencyMs,
    ttftMs: latencyMs,
  };
}

/** What happens to the ledger. */
const event = fc.oneof(
  { weight: 6, arbitrary: someRequest.map((spec) => ({ kind: "settle" as const, spec })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(someRequest, fc.boolean())
      .map(([spec, isLate]) => ({ kind: "sweep" as const, spec, isLate })),
  },
  { weight: 1, arbitrary: fc.nat(2).map((payer) => ({ kind: "move" as const, payer })) },
  { weight: 2, arbitrary: fc.constant({ kind: "roll up" as const }) },
  { weight: 1, arbitrary: fc.nat(DAYS * 24).map((hour) => ({ kind: "remove" as const, hour })) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function carryOut(happening: Event): Promise<void> {
  switch (happening.kind) {
    case "settle": {
      await ledger.settlements.settle(await hold(happening.spec, ledger));
      return;
    }
    case "sweep": {
      const dying = ledger.process();
      const settlement = await hold(happening.spec, dying);
      await dying.expireLease();
      expect(await sweepExpiredHolds(ledger.sql)).toBe(1);
      if (happening.isLate) expect(await dying.settlements.settle(settlement)).toBe(settlement.status);
      return;
    }
    case "move": {
      const [payer, to] = [payers[happening.payer], payers[(happening.payer + 1) % 3]];
      if (payer === undefined || to === undefined) return;
      await updateUser(ctx, { id: payer.userId, organization_id: to.organizationId });
      payers[happening.payer] = { ...payer, organizationId: to.organizationId };
      return;
    }
    case "roll up": {
      await rollUpUsage(ledger.sql);
      return;
    }
    case "remove": {
      const before = await ended();
      await deleteOldRequests(ctx.db, new Date(START + happening.hour * HOUR_MS), 10_000);
      const kept = new Set((await ended()).map(({ id }) => id));
      removed.push(...before.filter(({ id }) => !kept.has(id)));
    }
  }
}

const question = fc.record({
  ends: fc.tuple(fc.nat(QUARTERS), fc.nat(QUARTERS)),
  isByDay: fc.boolean(),
  groups: fc.uniqueArray(fc.constantFrom(...USAGE_GROUPS, ...METADATA_GROUPS), {
    minLength: 1,
    maxLength: 2,
  }),
  timeZone: fc.constantFrom(...ZONES),
  tag: fc.option(fc.constant("x"), { nil: undefined }),
});
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

async function expectExact(rows: readonly Row[], asked: Question): Promise<void> {
  const unit = asked.isByDay ? 96 : 1;
  const [from, to] = [Math.min(...asked.ends), Math.max(...asked.ends)].map(
    (quarter) => new Date(START + Math.floor(quarter / unit) * unit * QUARTER_MS),
  );
  if (from === undefined || to === undefined) return;
  const { groups, timeZone, tag } = asked;
  const { data, complete_from } = await usageReport(ctx, {
    from: from.toISOString(),
    to: to.toISOString(),
    group_by: groups,
    time_zone: timeZone,
    tag,
  });
  const chosen = rows.filter(
    (row) => row.createdAt >= from && row.createdAt < to && (tag === undefined || row.tags.includes(tag)),
  );
  const expected = [...reference(chosen, groups, timeZone)].map(([key, row]) => [key, sumsOf(row)] as const);
  const shown = data.map(
    (row) => [JSON.stringify([row.group, row.subgroup].slice(0, groups.length)), sumsOf(row)] as const,
  );
  expect(new Map(shown)).toEqual(new Map(expected));
  expect(complete_from).toBeNull();
}

describe("rollups", () => {
  test("add up to all requests that ever ended, whatever happens to them and in any time zone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 15 }),
        fc.array(question, { minLength: 6, maxLength: 6 }),
        async (events, questions) => {
          for (const happening of events) await carryOut(happening);
          const rows = [...removed, ...(await ended())];
          for (const asked of questions) await expectExact(rows, asked);
          const all = rows.reduce((sum, { costUsd }) => sum + parseUsd(costUsd), 0n);
          const metrics = await readMetrics(ctx);
          expect(metrics.total_requests).toBe(rows.length);
          expect(parseUsd(metrics.total_cost_usd)).toBe(all);
        },
      ),
      { numRuns: 15 },
    );
    expect(await reconcile(ctx)).toMatchObject({ usage: { different: 0 }, rollups: { different: 0 } });
    expect(removed.length).toBeGreaterThan(0);
  });
});
