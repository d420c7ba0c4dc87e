import { describe, expect, test } from "vitest";
import { parseUsd } from "#lib/credit/money";
import {
  answers,
  BOUND_PICO_USD,
  costOf,
  HEDGE_AFTER_MS,
  hedgingGateway,
  MAX_TOKENS,
  MESSAGES,
  outcomes,
  type Play,
  refuses,
  stalls,
  TWO_TARGETS,
} from "#lib/gateway/testing/hedging-gateway";
import { BEGINNING, STREAM } from "#lib/gateway/testing/message-scenarios";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const { gate, provider, models, setModel, setProvider, ask, onceAsked, expectNothingLeft } =
  await hedgingGateway();
const { sql, gateway, seeded } = gate;

describe("a target without content for hedge_after_ms", () => {
  const ENDS: Record<string, RegExp> = {
    "chat/completions": /data: \[DONE\]\n\n$/,
    messages: /event: message_stop\n[^\n]*\n\n$/,
    responses: /"type":\s?"response\.completed".*\n\n$/,
  };
  test.each(Object.keys(ENDS).flatMap((path) => [true, false].map((stream) => ({ path, stream }))))(
    "is stopped once the next one has content, which is served ($path, stream: $stream)",
    async ({ path, stream }) => {
      provider.plays = { a: stalls };
      await leaveBudget(gate, "1");
      const body =
        path === "responses"
          ? { model: "m", input: "Hello!", max_output_tokens: MAX_TOKENS, stream }
          : { model: "m", messages: MESSAGES, max_tokens: MAX_TOKENS, stream };
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
      await expect.poll(() => provider.arrived[0]?.closed).toBe(true);
      await expectNothingLeft();
    },
  );

  test("has not failed, however often, and is known to take long", async () => {
    provider.plays = { a: stalls };
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
    provider.plays = { a: stalls };
    expect(outcomes((await ask()).row)).toEqual(["a hedged", "b served"]);
    expect(breakers.stateOf(target)).toBe("open");
    await sql`DELETE FROM target_states`;
    // A reading that is under way may be from before.
    await breakers.sync();
    await breakers.sync();
    expect(breakers.stateOf(target)).toBe("closed");
  });

  test("is served if its content comes first after all, and the second attempt is charged", async () => {
    provider.plays = { a: onceAsked("b", answers), b: stalls };
    const { status, header, row } = await ask({ stream: true });
    expect({ status, header }).toEqual({ status: 200, header: "2" });
    expect(outcomes(row)).toEqual(["b hedged", "a served"]);
    expect(parseUsd(row.cost_usd)).toBe(costOf(row));
    expect(parseUsd(row.attempts?.[0]?.cost_usd)).toBeGreaterThan(0n);
    await expect.poll(() => provider.arrived[1]?.closed).toBe(true);
    await expectNothingLeft();
  });

  test("is charged what it has reported, if it has", async () => {
    const events = { "content-type": "text/event-stream" };
    provider.plays = {
      a: (response) => response.writeHead(200, events).write(BEGINNING),
      b: (response) => response.writeHead(200, events).end(STREAM),
    };
    await setProvider({ dialects: ["chat", "messages"] });
    const response = await gate.post("messages", {
      model: "m",
      messages: MESSAGES,
      max_tokens: 600,
      stream: true,
    });
    await response.text();
    await setProvider({});
    const row = await gate.rowOf(response);
    expect(outcomes(row)).toEqual(["a hedged", "b served"]);
    // 53 100 tokens of input.
    const reported = parseUsd("0.0531");
    const costPicoUsd = parseUsd(row.attempts?.[0]?.cost_usd);
    expect(costPicoUsd).toBeGreaterThanOrEqual(reported);
    expect(costPicoUsd).toBeLessThanOrEqual(reported + BOUND_PICO_USD);
  });

  test("is charged its whole bound under a hard budget, if it goes on without its client", async () => {
    await setProvider({ stops_on_disconnect: false });
    await leaveBudget(gate, "1");
    provider.plays = { a: stalls };
    const { row } = await ask();
    await setProvider({});
    expect(parseUsd(row.attempts?.[0]?.cost_usd)).toBeGreaterThanOrEqual(parseUsd("0.0006"));
    expect(Number(row.overrun_usd)).toBe(0);
    await expectNothingLeft();
  });

  test("keeps its answer to what is wrong with the request for itself while another may answer", async () => {
    provider.plays = { a: onceAsked("b", answers), b: refuses(400) };
    const { status, row } = await ask();
    expect({ status, outcomes: outcomes(row) }).toEqual({
      status: 200,
      outcomes: ["b failed", "a served"],
    });
    provider.plays = { a: onceAsked("b", refuses(503)), b: refuses(400) };
    provider.arrived.length = 0;
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
    const answersAfterA: Play = async (response, stream) => {
      await expect.poll(() => provider.arrived[0]?.response.writableFinished).toBe(true);
      return answers(response, stream);
    };
    provider.plays = { a: onceAsked("b", refuses(503)), b: answersAfterA };
    const { status, row } = await ask({ stream: true });
    expect({ status, outcomes: outcomes(row) }).toEqual({ status: 200, outcomes: ["a failed", "b served"] });
    await expectNothingLeft();
  });

  test("and the second as well, the next target is asked", async () => {
    await setModel([...TWO_TARGETS, { upstreamModel: "c" }]);
    provider.plays = { a: onceAsked("b", refuses(503)), b: refuses(503) };
    const { status, row } = await ask();
    expect({ status, outcomes: outcomes(row) }).toEqual({
      status: 200,
      outcomes: ["b failed", "a failed", "c served"],
    });
  });

  test("and the second as well, that one is asked again if the model says so", async () => {
    await setModel(TWO_TARGETS, 1);
    const failsOnce: Play = (response, stream) =>
      (models().filter((model) => model === "b").length === 1 ? refuses(503) : answers)(response, stream);
    provider.plays = { a: onceAsked("b", refuses(401)), b: failsOnce };
    const { status, row } = await ask();
    expect({ status, outcomes: outcomes(row) }).toEqual({
      status: 200,
      outcomes: ["b failed", "a failed", "b served"],
    });
  });
});
