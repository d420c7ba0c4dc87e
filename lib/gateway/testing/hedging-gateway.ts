import type { ServerResponse } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { beforeEach, expect } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { serverOfFile } from "#lib/testing/server-of-file";
import { answerWhole, chunk, usageOf } from "./billing-provider";
import { expectBalancedBooks } from "./ledger-expectations";
import { setTargets } from "./set-targets";
import { testGateway } from "./test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "./user-budget";

export const HEDGE_AFTER_MS = 30;
export const MAX_TOKENS = 600;
/** What an answer of that length costs. */
export const BOUND_PICO_USD = parseUsd("0.0006");
export const TWO_TARGETS = [{ upstreamModel: "a" }, { upstreamModel: "b" }];
export const MESSAGES = [{ role: "user", content: "Hello!" }];

/** A request at the provider. */
type Arrived = { model: string; response: ServerResponse; closed: boolean };
export type Play = (response: ServerResponse, stream: boolean) => unknown;
type Row = { attempts: { upstream_model: string; outcome: string; cost_usd: string }[] | null };

type Plays = Readonly<Record<string, Play>>;
const NO_PLAYS: Plays = {};

export const stalls: Play = () => {};
export const answers: Play = (response, stream) => {
  if (!stream) return answerWhole(response, "Well.", usageOf(10, 5));
  response.writeHead(200, { "content-type": "text/event-stream" });
  const usage = `data: ${JSON.stringify({ choices: [], usage: usageOf(10, 5) })}\n\n`;
  response.end(`${chunk({ content: "Well." })}${chunk({}, "stop")}${usage}data: [DONE]\n\n`);
};
export const refuses =
  (status: number): Play =>
  (response) =>
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(JSON.stringify({ error: { message: "No.", type: "error", code: null } }));

export const outcomes = (row: Partial<Row>) =>
  row.attempts?.map(({ upstream_model, outcome }) => `${upstream_model} ${outcome}`) ?? null;
export const costOf = (row: Partial<Row>) =>
  (row.attempts ?? []).reduce((sum, { cost_usd }) => sum + parseUsd(cost_usd), 0n);

/** A gateway whose model asks a second target soon, and a provider that does what a test says. */
export async function hedgingGateway() {
  const gate = await testGateway({
    models: [{ name: "m", rates: MICRODOLLAR_RATES, contextWindow: 100_000 }],
  });
  const { sql, gateway, seeded } = gate;
  const arrived: Arrived[] = [];
  const provider = {
    /** What each model does; without it, the fake upstream answers. */
    plays: NO_PLAYS,
    arrived,
    /** Whether a second attempt was found impossible. */
    isRefused: false,
  };
  const models = () => arrived.map(({ model }) => model);

  const origin = await serverOfFile(async (request, response) => {
    const json = await textOf(request);
    const { model, stream } = JSON.parse(json);
    const one: Arrived = { model, response, closed: false };
    arrived.push(one);
    response.on("close", () => {
      one.closed = !response.writableFinished;
    });
    const play = provider.plays[model];
    if (play !== undefined) return play(response, stream === true);
    const url = new URL(request.url ?? "", gate.upstream.url);
    const answer = await fetch(url, { method: "POST", body: json });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await sql`UPDATE providers SET base_url = ${`${origin}/v1`} WHERE id = ${seeded.ids.provider}`;

  const { within } = gateway.watch;
  gateway.watch.within = async (run, timeoutMs) => {
    const answer = await within(run, timeoutMs);
    // Of a raise.
    if (answer === false) provider.isRefused = true;
    return answer;
  };
  const { enter } = gateway.rooms;
  gateway.rooms.enter = async (route, tokens, patienceMs, gone) => {
    const place = await enter(route, tokens, patienceMs, gone);
    if ("isFull" in place) provider.isRefused = true;
    return place;
  };

  async function setModel(targets: Parameters<typeof setTargets>[2], retries = 0): Promise<void> {
    await sql`UPDATE models SET hedge_after_ms = ${HEDGE_AFTER_MS}`;
    await setTargets(gate, "m", targets, retries);
  }
  const send = (fields: object = {}) =>
    gate.chat({ model: "m", messages: MESSAGES, max_tokens: MAX_TOKENS, ...fields });

  beforeEach(async () => {
    arrived.length = 0;
    provider.plays = {};
    provider.isRefused = false;
    await leaveBudget(gate, null);
    await setModel(TWO_TARGETS);
  });

  return {
    gate,
    provider,
    /** The models that were asked, in their order. */
    models,
    setModel,
    send,
    async setProvider(settings: Parameters<typeof sql.json>[0]): Promise<void> {
      await sql`UPDATE providers SET settings = ${sql.json(settings)} WHERE id = ${seeded.ids.provider}`;
      await gateway.routing({ fresh: true });
    },
    async ask(fields: object = {}) {
      const response = await send(fields);
      const text = await response.text();
      const row = await gate.rowOf(response);
      return { status: response.status, header: response.headers.get("x-tollgate-attempts"), text, row };
    },
    /** What the first request of a test holds, and what it would be swept for. */
    held: async () => (await sql`SELECT * FROM ledger WHERE status = 'held'`)[0],
    /** Does it once another request has arrived. */
    onceAsked:
      (model: string, play: Play): Play =>
      async (response, stream) => {
        await expect.poll(() => models().includes(model), { interval: 2 }).toBe(true);
        return play(response, stream);
      },
    /** Does it once a second attempt was found impossible. */
    onceRefused:
      (play: Play): Play =>
      async (response, stream) => {
        await expect.poll(() => provider.isRefused, { interval: 2 }).toBe(true);
        return play(response, stream);
      },
    /** Nothing of a request is left: no place, no memory, no connection, nothing held. */
    async expectNothingLeft(): Promise<void> {
      for (const upstreamModel of ["a", "b", "c"]) {
        const target = { providerId: seeded.ids.provider, credentialId: "", upstreamModel };
        expect(gateway.rooms.inside(target)).toBe(0);
        expect(gateway.breakers.stateOf(target)).toBe("closed");
      }
      expect([gateway.bodies.total(), gateway.answers.total(), gateway.inFlight.size]).toEqual([0, 0, 0]);
      await expectBalancedBooks(gate);
    },
  };
}
