import { describe, expect, test } from "vitest";
import { heartbeat } from "#lib/credit/ledger/instance";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { parseUsd } from "#lib/credit/money";
import { progressOf } from "#lib/gateway/ports/in-flight";
import { explainChat } from "#lib/gateway/testing/explain-chat";
import {
  answers,
  BOUND_PICO_USD,
  costOf,
  HEDGE_AFTER_MS,
  hedgingGateway,
  MAX_TOKENS,
  MESSAGES,
  outcomes,
  refuses,
  stalls,
  TWO_TARGETS,
} from "#lib/gateway/testing/hedging-gateway";
import { CLIENT_GONE } from "#lib/gateway/testing/ledger-expectations";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { newCancellation } from "#lib/providers/cancellation";

const { gate, provider, models, setModel, ask, held, onceAsked, onceRefused, expectNothingLeft } =
  await hedgingGateway();
const { sql, gateway } = gate;

describe("both attempts", () => {
  test("are held before the second begins, and a sweep charges both", async () => {
    await leaveBudget(gate, "1");
    let before: Awaited<ReturnType<typeof held>>;
    let during: Awaited<ReturnType<typeof held>>;
    provider.plays = {
      a: async () => {
        before = await held();
      },
      b: async (response, stream) => {
        during = await held();
        return answers(response, stream);
      },
    };
    const { row } = await ask();
    const [first, both] = [parseUsd(before?.hold_usd), parseUsd(during?.hold_usd)];
    expect(both).toBeGreaterThanOrEqual(first + BOUND_PICO_USD);
    expect(parseUsd(during?.if_swept_usd)).toBeGreaterThanOrEqual(2n * parseUsd(before?.if_swept_usd));
    expect(parseUsd(row.hold_usd)).toBe(both);
  });

  test.each([false, true])("are charged by a sweep (after a heartbeat: %s)", async (hasBeaten) => {
    await leaveBudget(gate, "1");
    let release = () => {};
    let alone = 0n;
    const progress = () => [...gateway.inFlight.values()][0]?.progress().ifSweptPicoUsd ?? 0n;
    provider.plays = {
      a: () => {
        alone = progress();
      },
      b: (response, stream) => {
        release = () => answers(response, stream);
      },
    };
    const answer = ask();
    await expect.poll(() => models()).toEqual(["a", "b"]);
    if (hasBeaten) await heartbeat(sql, gateway.instance, progressOf(gateway.inFlight, 0));
    expect(progress()).toBeGreaterThanOrEqual(2n * alone);
    const open = await held();
    await sql`UPDATE instances SET alive_until = now() - interval '1 second', is_spared = true`;
    expect(await sweepExpiredHolds(sql)).toBe(1);
    const [swept] = await sql`SELECT cost_usd, hold_usd FROM ledger WHERE status = 'swept'`;
    expect(parseUsd(swept?.cost_usd)).toBe(parseUsd(open?.if_swept_usd));
    expect(parseUsd(swept?.cost_usd)).toBeGreaterThanOrEqual(2n * alone);
    expect(parseUsd(swept?.cost_usd)).toBeLessThanOrEqual(parseUsd(swept?.hold_usd));
    await heartbeat(sql, gateway.instance);
    release();
    const { row } = await answer;
    // What it was swept for covers both attempts.
    expect(parseUsd(swept?.cost_usd)).toBeGreaterThanOrEqual(parseUsd(row.cost_usd));
    await gateway.settler.idle();
    await expectNothingLeft();
  });

  test("must fit every budget: otherwise the first one goes on alone", async () => {
    await leaveBudget(gate, "0.001");
    provider.plays = { a: onceRefused(answers) };
    const { status, header, row } = await ask();
    expect({ status, header, asked: models() }).toEqual({ status: 200, header: null, asked: ["a"] });
    expect(outcomes(row)).toEqual(["b skipped", "a served"]);
    expect(row.attempts[0].reason).toBe("not asked besides: a budget does not cover both attempts");
    await expectNothingLeft();
  });

  test("leave what is held for the second to a later one", async () => {
    await setModel([...TWO_TARGETS, { upstreamModel: "c" }]);
    // Room for two attempts, but not for three.
    await leaveBudget(gate, "0.0016");
    provider.plays = { a: onceAsked("b", refuses(503)), b: refuses(503) };
    const { status, row } = await ask();
    const { upstream_model: last, overrun_usd: overrun } = row;
    expect({ status, last, overrun: Number(overrun) }).toEqual({ status: 200, last: "c", overrun: 0 });
    await expectNothingLeft();
  });

  test.each([true, false])("are stopped and charged when the client leaves (stream: %s)", async (stream) => {
    await leaveBudget(gate, "1");
    provider.plays = { a: stalls, b: stalls };
    const gone = new AbortController();
    const answer = gate
      .chat({ model: "m", messages: MESSAGES, max_tokens: MAX_TOKENS, stream }, { signal: gone.signal })
      .catch(() => null);
    await expect.poll(models).toEqual(["a", "b"]);
    gone.abort();
    expect(await answer).toBeNull();
    await expect.poll(() => provider.arrived.map(({ closed }) => closed)).toEqual([true, true]);
    await expect.poll(() => gateway.inFlight.size).toBe(0);
    await gateway.settler.idle();
    const [row] = await sql`SELECT * FROM ledger WHERE status = 'settled' ORDER BY id DESC LIMIT 1`;
    expect(row).toMatchObject(CLIENT_GONE);
    expect(outcomes(row ?? {})).toEqual(["a failed", "b failed"]);
    for (const { cost_usd } of row?.attempts ?? []) expect(parseUsd(cost_usd)).toBeGreaterThan(0n);
    expect(parseUsd(row?.cost_usd)).toBe(costOf(row ?? {}));
    await expectNothingLeft();
  });

  test("count in memory: a large body is not sent twice without room", async () => {
    const content = "x".repeat(200_000);
    const large = { messages: [{ role: "user", content }] };
    let counted = 0;
    provider.plays = {
      a: stalls,
      b: (response, stream) => {
        counted = gateway.bodies.total();
        return answers(response, stream);
      },
    };
    await ask(large);
    expect(counted).toBeGreaterThan(2 * content.length);
    const { open } = gateway.bodies;
    gateway.bodies.open = (caller) => ({
      ...open(caller),
      addIfFits: () => {
        provider.isRefused = true;
        return false;
      },
    });
    provider.plays = { a: onceRefused(answers) };
    provider.arrived.length = 0;
    const { row } = await ask(large);
    gateway.bodies.open = open;
    expect(outcomes(row)).toEqual(["b skipped", "a served"]);
    expect(models()).toEqual(["a"]);
    await expectNothingLeft();
  });
});

test("a target that has no room is not waited for", async () => {
  await setModel([{ upstreamModel: "a" }, { upstreamModel: "b", maxConcurrent: 1 }]);
  const { target, limits } = (await gateway.routing()).byName.get("m")?.all.routes.at(-1) ?? {};
  if (target === undefined || limits === undefined) throw new Error("the model has two routes");
  const place = await gateway.rooms.enter({ target, limits }, 1, 0, newCancellation());
  provider.plays = { a: onceRefused(answers) };
  const { row } = await ask();
  if (!("isFull" in place)) place.leave(0);
  expect(outcomes(row)).toEqual(["b skipped", "a served"]);
  expect(row.attempts[0].reason).toBe("not asked besides: max_concurrent is reached");
});

test("an explanation names the second target, what is held for it, and whether that fits", async () => {
  const explain = () => explainChat(gate, { model: "m", messages: MESSAGES, max_tokens: MAX_TOKENS });
  provider.plays = { a: stalls };
  for (const [budgetUsd, fits] of [
    ["1", true],
    ["0.001", false],
  ] as const) {
    await leaveBudget(gate, budgetUsd);
    const { hedge, decision } = await explain();
    expect(hedge).toMatchObject({ after_ms: HEDGE_AFTER_MS, upstream_model: "b", fits });
    if (!fits) continue;
    const { row } = await ask();
    expect(parseUsd(row.hold_usd)).toBe(parseUsd(decision.hold_usd ?? "") + parseUsd(hedge?.hold_usd ?? ""));
  }
  await sql`UPDATE models SET hedge_after_ms = NULL`;
  await leaveBudget(gate, "1");
  expect((await explain()).hedge).toBeNull();
});
