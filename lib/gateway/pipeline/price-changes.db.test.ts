import type { ServerResponse } from "node:http";
import { beforeEach, describe, expect, test } from "vitest";
import { answerWhole, billedBy, chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { hangUpAt } from "#lib/gateway/testing/hang-up";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { setTargets } from "#lib/gateway/testing/set-targets";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

const OLD = { inputPerMtok: "1", outputPerMtok: "2" };
const NEW = { inputPerMtok: "100", outputPerMtok: "200" };
const USED = usageOf(10, 20);
const USD_BEFORE = "0.000050000000";
const USD_AFTER = "0.005000000000";

const gate = await testGateway({ models: [{ name: "m", rates: OLD }] });
const [before] = await gate.sql`SELECT DISTINCT price_version_id AS id FROM model_targets`;
const [after] = await gate.sql`
  INSERT INTO price_versions (source, origin, rates, digest)
  VALUES ('manual', 'test', ${gate.sql.json(NEW)}, ${Buffer.from("new")}) RETURNING id`;
const setPrice = (id: unknown) => gate.sql`UPDATE model_targets SET price_version_id = ${String(id)}`;

/** Lets the provider go on. */
let goOn = () => {};
let going: Promise<void> = Promise.resolve();
const error = { error: { message: "The worker failed." }, usage: USED };

/** Says a word, or nothing, and the rest when it is told to. */
async function answer(
  { model, stream }: { model?: unknown; stream?: unknown },
  response: ServerResponse,
): Promise<void> {
  if (stream) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ content: "Well, " }));
    await going;
    response.end(
      `${chunk({}, "stop")}data: ${JSON.stringify({ choices: [], usage: USED })}\n\ndata: [DONE]\n\n`,
    );
    return;
  }
  if (model === "first") await going;
  if (model !== "fails") answerWhole(response, "Well.", USED);
  else {
    await going;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(error));
  }
}
await billedBy(gate, answer);

const body = { model: "m", messages: [{ role: "user", content: "Hello!" }], max_tokens: 30 };

beforeEach(async () => {
  going = new Promise((resolve) => {
    goOn = resolve;
  });
  await leaveBudget(gate, "1");
  await setTargets(gate, "m", [{ upstreamModel: "first" }]);
  await setPrice(before?.id);
  await gate.gateway.routing({ fresh: true });
});

/** The price becomes a hundred times as high while a request is under way. */
async function changePrice(): Promise<void> {
  await expect.poll(() => gate.gateway.inFlight.size).toBe(1);
  await setPrice(after?.id);
  await gate.gateway.routing({ fresh: true });
}

describe("a request whose price changes while it is under way is charged at that of its hold", () => {
  test.each([true, false])("at its end (stream: %s)", async (stream) => {
    const asked = gate.chat({ ...body, stream });
    await changePrice();
    goOn();
    const response = await asked;
    await response.text();
    expect(await gate.rowOf(response)).toMatchObject({
      price_version_id: before?.id,
      cost_usd: USD_BEFORE,
      overrun_usd: "0.000000000000",
    });
  });

  test("if its client hangs up", async () => {
    const response = await gate.chat({ ...body, stream: true });
    await changePrice();
    await hangUpAt("Well", response);
    const row = await gate.settledRow(response.headers.get("x-request-id"));
    expect(row).toMatchObject({ price_version_id: before?.id, overrun_usd: "0.000000000000" });
    expect(Number(row.cost_usd)).toBeLessThanOrEqual(Number(row.hold_usd));
  });

  test("also at the target that it fails over to", async () => {
    await setTargets(gate, "m", [{ upstreamModel: "fails" }, { upstreamModel: "second" }]);
    await gate.gateway.routing({ fresh: true });
    const asked = gate.chat(body);
    await changePrice();
    goOn();
    const response = await asked;
    expect(response.status).toBe(200);
    const row = await gate.rowOf(response);
    expect(row).toMatchObject({ price_version_id: before?.id, overrun_usd: "0.000000000000" });
    expect(Number(row.cost_usd)).toBeCloseTo(2 * Number(USD_BEFORE), 12);
  });

  test("and the next one is charged the new price, though no process was told of it", async () => {
    await setPrice(after?.id);
    goOn();
    const response = await gate.chat(body);
    expect(await gate.rowOf(response)).toMatchObject({ price_version_id: after?.id, cost_usd: USD_AFTER });
  });
});

testBalancedBooks(gate);
