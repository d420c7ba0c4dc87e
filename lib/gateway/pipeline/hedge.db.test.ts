import type { ServerResponse } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { heartbeat } from "#lib/credit/ledger/instance";
import { sweepExpiredHolds } from "#lib/credit/ledger/sweep";
import { parseUsd } from "#lib/credit/money";
import { progressOf } from "#lib/gateway/ports/in-flight";
import { answerWhole, chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { explainChat } from "#lib/gateway/testing/explain-chat";
import { CLIENT_GONE, expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { BEGINNING, STREAM } from "#lib/gateway/testing/message-scenarios";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { newCancellation } from "#lib/providers/cancellation";
import { serverOfFile } from "#lib/testing/server-of-file";

const gate = await testGateway({
  models: [{ name: "m", rates: MICRODOLLAR_RATES, contextWindow: 100_000 }],
});
const { sql, gateway, seeded } = gate;
const HEDGE_AFTER_MS = 30;
const MAX_TOKENS = 600;
/** What an answer of that length costs. */
const bound = parseUsd("0.0006");

/** A request at the provider. */
type Arrived = { model: string; response: ServerResponse; closed: boolean };
type Play = (response: ServerResponse, stream: boolean) => unknown;
const arrived: Arrived[] = [];
/** What each model does; without it, the fake upstream answers. */
let plays: Record<string, Play> = {};

const origin = await serverOfFile(async (request, response) => {
  const json = await textOf(request);
  const { model, stream } = JSON.parse(json);
  const one: Arrived = { model, response, closed: false };
  arrived.push(one);
  response.on("close", () => {
    one.closed = !response.writableFinished;
  });
  const play = plays[model];
  if (play !== undefined) return play(response, stream === true);
  const url = new URL(request.url ?? "", gate.upstream.url);
  const answer = await fetch(url, { method: "POST", body: json });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
  response.end(Buffer.from(await answer.arrayBuffer()));
});
await sql`UPDATE providers SET base_url = ${`${origin}/v1`} WHERE id = ${seeded.ids.provider}`;

const stalls: Play = () => {};
const answers: Play = (response, stream) => {
  if (!stream) return answerWhole(response, "Well.", usageOf(10, 5));
  response.writeHead(200, { "content-type": "text/event-stream" });
  const usage = `data: ${JSON.stringify({ choices: [], usage: usageOf(10, 5) })}\n\n`;
  response.end(`${chunk({ content: "Well." })}${chunk({}, "stop")}${usage}data: [DONE]\n\n`);
};
const refuses =
  (status: number): Play =>
  (response) =>
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(JSON.stringify({ error: { message: "No.", type: "error", code: null } }));
/** Does it once another request has arrived. */
const onceAsked =
  (model: string, play: Play): Play =>
  async (response, stream) => {
    await expect.poll(() => models().includes(model), { interval: 2 }).toBe(true);
    return play(response, stream);
  };
/** Does it once a second attempt was found impossible. */
const onceRefused =
  (play: Play): Play =>
  async (response, stream) => {
    await expect.poll(() => isRefused, { interval: 2 }).toBe(true);
    return play(response, stream);
  };
let isRefused = false;
const { within } = gateway.watch;
gateway.watch.within = async (run, timeoutMs) => {
  const answer = await within(run, timeoutMs);
  // Of a raise.
  if (answer === false) isRefused = true;
  return answer;
};
const { enter } = gateway.rooms;
gateway.rooms.enter = async (route, tokens, patienceMs, gone) => {
  const place = await enter(route, tokens, patienceMs, gone);
  if ("isFull" in place) isRefused = true;
  return place;
};
const models = () => arrived.map(({ model }) => model);

async function setModel(targets: Parameters<typeof setTargets>[2], retries = 0): Promise<void> {
  await sql`UPDATE models SET hedge_after_ms = ${HEDGE_AFTER_MS}`;
  await setTargets(gate, "m", targets, retries);
}
async function setProvider(settings: Parameters<typeof sql.json>[0]): Promise<void> {
  await sql`UPDATE providers SET settings = ${sql.json(settings)} WHERE id = ${seeded.ids.provider}`;
  await gateway.routing({ fresh: true });
}
const AB = [{ upstreamModel: "a" }, { upstreamModel: "b" }];

beforeEach(async () => {
  arrived.length = 0;
  plays = {};
  isRefused = false;
  await leaveBudget(gate, null);
  await setModel(AB);
});

const messages = [{ role: "user", content: "Hello!" }];
const send = (fields: object = {}) => gate.chat({ model: "m", messages, max_tokens: MAX_TOKENS, ...fields });
async function ask(fields: object = {}) {
  const response = await send(fields);
  const text = await response.text();
  const row = await gate.rowOf(response);
  return { status: response.status, header: response.headers.get("x-tollgate-attempts"), text, row };
}
type Row = { attempts: { upstream_model: string; outcome: string; cost_usd: string }[] | null };
const outcomes = (row: Partial<Row>) =>
  row.attempts?.map(({ upstream_model, outcome }) => `${upstream_model} ${outcome}`) ?? null;
const costOf = (row: Partial<Row>) =>
  (row.attempts ?? []).reduce((sum, { cost_usd }) => sum + parseUsd(cost_usd), 0n);
/** What the first request of a test holds, and what it would be swept for. */
const held = async () => (await sql`SELECT * FROM ledger WHERE status = 'held'`)[0];
/** Nothing of a request is left: no place, no memory, no connection, nothing held. */
async function expectNothingLeft(): Promise<void> {
  for (const upstreamModel of ["a", "b", "c"]) {
    const target = { providerId: seeded.ids.provider, credentialId: "", upstreamModel };
    expect(gateway.rooms.inside(target)).toBe(0);
    expect(gateway.breakers.stateOf(target)).toBe("closed");
  }
  expect([gateway.bodies.total(), gateway.answers.total(), gateway.inFlight.size]).toEqual([0, 0, 0]);
  await expectBalancedBooks(gate);
}

describe("a target without content for hedge_after_ms", () => {
  const ENDS: Record<string, RegExp> = {
    "chat/completions": /data: \[DONE\]\n\n$/,
    messages: /event: message_stop\n[^\n]*\n\n$/,
    responses: /"type":\s?"response\.completed".*\n\n$/,
  };
  test.each(Object.keys(ENDS).flatMap((path) => [true, false].map((stream) => ({ path, stream }))))(
    "is stopped once the next one has content, which is served ($path, stream: $stream)",
    async ({ path, stream }) => {
      plays = { a: stalls };
      await leaveBudget(gate, "1");
      const body =
        path === "responses"
          ? { model: "m", input: "Hello!", max_output_tokens: MAX_TOKENS, stream }
          : { model: "m", messages, max_tokens: MAX_TOKENS, stream };
      const response = await gate.post(path, body);
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(response.headers.get("x-tollgate-attempts")).toBe("2");
      expect(text).toMatch(stream ? (ENDS[path] ?? /^$/) : /"usage"/);
      const row = await gate.rowOf(response);
      expect(row.attempts).toMatchObject([
        { upstream_model: "a", outcome: "hedged", reason: "Another target had content first." },
        { upstream_model: "b", outcome: "served", http_status: 200 },
      ]);
      expect(row).toMatchObject({ upstream_model: "b", overrun_usd: "0.000000000000" });
      expect(parseUsd(row.attempts?.[0]?.cost_usd)).toBeGreaterThan(0n);
      expect(parseUsd(row.cost_usd)).toBe(costOf(row));
      await expect.poll(() => arrived[0]?.closed).toBe(true);
      await expectNothingLeft();
    },
  );

  test("has not failed, however often, and is known to take long", async () => {
    plays = { a: stalls };
    for (let times = 0; times < 6; times++) expect((await ask()).status).toBe(200);
    expect(models()).toEqual(Array.from({ length: 6 }, () => ["a", "b"]).flat());
    const [first] = (await gateway.routing()).byName.get("m")?.all.routes ?? [];
    if (first === undefined) throw new Error("the model has a route");
    expect(gateway.targets.of(first.target, false).firstContentMs).toBeGreaterThan(HEDGE_AFTER_MS * 0.9);
    await expectNothingLeft();
  });

  test("that was down stays so, and the next request does not try it again", async () => {
    const { breakers } = gateway;
    const target = { providerId: seeded.ids.provider, credentialId: "", upstreamModel: "a" };
    const met = { organizationId: seeded.ids.organization, startedMs: 0, isProbe: false, reason: "down" };
    for (let times = 0; times < 5; times++) breakers.noteFailure(target, met);
    await breakers.idle();
    await sql`UPDATE target_states SET probe_after = now()`;
    await breakers.sync();
    await expect.poll(() => breakers.stateOf(target)).toBe("half_open");
    plays = { a: stalls };
    expect(outcomes((await ask()).row)).toEqual(["a hedged", "b served"]);
    expect(breakers.stateOf(target)).toBe("open");
    await sql`DELETE FROM target_states`;
    // A reading that is under way may be from before.
    await breakers.sync();
    await breakers.sync();
    expect(breakers.stateOf(target)).toBe("closed");
  });

  test("is served if its content comes first after all, and the second attempt is charged", async () => {
    plays = { a: onceAsked("b", answers), b: stalls };
    const { status, header, row } = await ask({ stream: true });
    expect({ status, header }).toEqual({ status: 200, header: "2" });
    expect(outcomes(row)).toEqual(["b hedged", "a served"]);
    expect(parseUsd(row.cost_usd)).toBe(costOf(row));
    expect(parseUsd(row.attempts?.[0]?.cost_usd)).toBeGreaterThan(0n);
    await expect.poll(() => arrived[1]?.closed).toBe(true);
    await expectNothingLeft();
  });

  test("is charged what it has reported, if it has", async () => {
    const events = { "content-type": "text/event-stream" };
    plays = {
      a: (response) => response.writeHead(200, events).write(BEGINNING),
      b: (response) => response.writeHead(200, events).end(STREAM),
    };
    await setProvider({ dialects: ["chat", "messages"] });
    const response = await gate.post("messages", { model: "m", messages, max_tokens: 600, stream: true });
    await response.text();
    await setProvider({});
    const row = await gate.rowOf(response);
    expect(outcomes(row)).toEqual(["a hedged", "b served"]);
    // 53 100 tokens of input.
    const reported = parseUsd("0.0531");
    const costPicoUsd = parseUsd(row.attempts?.[0]?.cost_usd);
    expect(costPicoUsd).toBeGreaterThanOrEqual(reported);
    expect(costPicoUsd).toBeLessThanOrEqual(reported + bound);
  });

  test("is charged its whole bound under a hard budget, if it goes on without its client", async () => {
    await setProvider({ stops_on_disconnect: false });
    await leaveBudget(gate, "1");
    plays = { a: stalls };
    const { row } = await ask();
    await setProvider({});
    expect(parseUsd(row.attempts?.[0]?.cost_usd)).toBeGreaterThanOrEqual(parseUsd("0.0006"));
    expect(Number(row.overrun_usd)).toBe(0);
    await expectNothingLeft();
  });

  test("keeps its answer to what is wrong with the request for itself while another may answer", async () => {
    plays = { a: onceAsked("b", answers), b: refuses(400) };
    const { status, row } = await ask();
    expect({ status, outcomes: outcomes(row) }).toEqual({
      status: 200,
      outcomes: ["b failed", "a served"],
    });
    plays = { a: onceAsked("b", refuses(503)), b: refuses(400) };
    arrived.length = 0;
    const wrong = await ask();
    expect({ status: wrong.status, outcomes: outcomes(wrong.row) }).toEqual({
      status: 400,
      outcomes: ["a failed", "b failed"],
    });
  });

  test("is not waited for if it does not stop", async () => {
    const { exchange } = gateway;
    gateway.exchange = (call) => (call.target.upstreamModel === "a" ? new Promise(() => {}) : exchange(call));
    const { status, row } = await ask();
    gateway.exchange = exchange;
    expect({ status, outcomes: outcomes(row) }).toEqual({ status: 200, outcomes: ["a hedged", "b served"] });
    await expectNothingLeft();
  });

  test("that is all right at once is the only one that is asked", async () => {
    expect((await ask()).header).toBeNull();
    expect(models()).toEqual(["a"]);
  });
});

describe("if the first attempt fails while the second is under way", () => {
  test("the second is served", async () => {
    plays = { a: onceAsked("b", refuses(503)) };
    plays.b = async (response, stream) => {
      await expect.poll(() => arrived[0]?.response.writableFinished).toBe(true);
      return answers(response, stream);
    };
    const { status, row } = await ask({ stream: true });
    expect({ status, outcomes: outcomes(row) }).toEqual({ status: 200, outcomes: ["a failed", "b served"] });
    await expectNothingLeft();
  });

  test("and the second as well, the next target is asked", async () => {
    await setModel([...AB, { upstreamModel: "c" }]);
    plays = { a: onceAsked("b", refuses(503)), b: refuses(503) };
    const { status, row } = await ask();
    expect({ status, outcomes: outcomes(row) }).toEqual({
      status: 200,
      outcomes: ["b failed", "a failed", "c served"],
    });
  });

  test("and the second as well, that one is asked again if the model says so", async () => {
    await setModel(AB, 1);
    const failsOnce: Play = (response, stream) =>
      (models().filter((model) => model === "b").length === 1 ? refuses(503) : answers)(response, stream);
    plays = { a: onceAsked("b", refuses(401)), b: failsOnce };
    const { status, row } = await ask();
    expect({ status, outcomes: outcomes(row) }).toEqual({
      status: 200,
      outcomes: ["b failed", "a failed", "b served"],
    });
  });
});

describe("both attempts", () => {
  test("are held before the second begins, and a sweep charges both", async () => {
    await leaveBudget(gate, "1");
    let before: Awaited<ReturnType<typeof held>>;
    let during: Awaited<ReturnType<typeof held>>;
    plays = {
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
    expect(both).toBeGreaterThanOrEqual(first + bound);
    expect(parseUsd(during?.if_swept_usd)).toBeGreaterThanOrEqual(2n * parseUsd(before?.if_swept_usd));
    expect(parseUsd(row.hold_usd)).toBe(both);
  });

  test.each([false, true])("are charged by a sweep (after a heartbeat: %s)", async (hasBeaten) => {
    await leaveBudget(gate, "1");
    let release = () => {};
    let alone = 0n;
    const progress = () => [...gateway.inFlight.values()][0]?.progress().ifSweptPicoUsd ?? 0n;
    plays = {
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
    await sql`UPDATE instances SET alive_until = now() - interval '1 second'`;
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
    plays = { a: onceRefused(answers) };
    const { status, header, row } = await ask();
    expect({ status, header, asked: models() }).toEqual({ status: 200, header: null, asked: ["a"] });
    expect(outcomes(row)).toEqual(["b skipped", "a served"]);
    expect(row.attempts[0].reason).toBe("not asked besides: a budget does not cover both attempts");
    await expectNothingLeft();
  });

  test("leave what is held for the second to a later one", async () => {
    await setModel([...AB, { upstreamModel: "c" }]);
    // Room for two attempts, but not for three.
    await leaveBudget(gate, "0.0016");
    plays = { a: onceAsked("b", refuses(503)), b: refuses(503) };
    const { status, row } = await ask();
    const { upstream_model: last, overrun_usd: overrun } = row;
    expect({ status, last, overrun: Number(overrun) }).toEqual({ status: 200, last: "c", overrun: 0 });
    await expectNothingLeft();
  });

  test.each([true, false])("are stopped and charged when the client leaves (stream: %s)", async (stream) => {
    await leaveBudget(gate, "1");
    plays = { a: stalls, b: stalls };
    const gone = new AbortController();
    const answer = gate
      .chat({ model: "m", messages, max_tokens: MAX_TOKENS, stream }, { signal: gone.signal })
      .catch(() => null);
    await expect.poll(models).toEqual(["a", "b"]);
    gone.abort();
    expect(await answer).toBeNull();
    await expect.poll(() => arrived.map(({ closed }) => closed)).toEqual([true, true]);
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
    plays = {
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
        isRefused = true;
        return false;
      },
    });
    plays = { a: onceRefused(answers) };
    arrived.length = 0;
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
  plays = { a: onceRefused(answers) };
  const { row } = await ask();
  if (!("isFull" in place)) place.leave(0);
  expect(outcomes(row)).toEqual(["b skipped", "a served"]);
  expect(row.attempts[0].reason).toBe("not asked besides: max_concurrent is reached");
});

test("an explanation names the second target, what is held for it, and whether that fits", async () => {
  const explain = () => explainChat(gate, { model: "m", messages, max_tokens: MAX_TOKENS });
  plays = { a: stalls };
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
