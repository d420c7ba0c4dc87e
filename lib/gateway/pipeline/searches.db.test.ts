import { beforeEach, describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { billedBy } from "#lib/gateway/testing/billing-provider";
import { hangUpAt } from "#lib/gateway/testing/hang-up";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { answerSearching, type Billing, type Manner } from "#lib/gateway/testing/searching-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES, spentUsd } from "#lib/gateway/testing/user-budget";

/** $1 a million tokens, $0.01 a search: the window is as much as a search. */
const WINDOW = 10_000;
const rates = { ...MICRODOLLAR_RATES, webSearchPerCall: "0.01" };
const SEARCH_USD = 0.01;
const WINDOW_USD = WINDOW / 1e6;
/** Anthropic's loop reads the input ten times at most. */
const READINGS_AGAIN = 9;

const gate = await testGateway({
  models: [
    { name: "searches", rates, contextWindow: WINDOW },
    { name: "unpriced", rates: MICRODOLLAR_RATES, contextWindow: WINDOW },
    { name: "no-window", rates },
  ],
});

let bill: (body: JsonObject) => Billing = () => ({ input: 15_665, output: 443, searches: 2 });
const USUAL: Manner = { isCounted: true, cutsOff: false, pauseMs: 0 };
let manner = USUAL;
let sent: JsonObject[] = [];
let billedUsd = 0;

await billedBy(gate, (body, response) => {
  sent.push(body);
  const billing = bill(body);
  billedUsd += (billing.input + billing.output) / 1e6 + billing.searches * SEARCH_USD;
  return answerSearching(body, response, billing, manner);
});
const keepSettings = { dialects: ["messages", "responses"], keeps_search_bound: true };
async function setSettings(settings: { dialects: string[]; keeps_search_bound?: boolean }): Promise<void> {
  const { sql, seeded, gateway } = gate;
  await sql`UPDATE providers SET settings = ${sql.json(settings)} WHERE id = ${seeded.ids.provider}`;
  await gateway.routing({ fresh: true });
}
await setSettings(keepSettings);

const search = { type: "web_search_20250305", name: "web_search" };
const read = { name: "read", input_schema: { type: "object" } };
const run = { type: "function", name: "run", parameters: { type: "object", properties: {} } };
const messages = [{ role: "user", content: "Search." }];

const ask = (fields: object, model = "searches") =>
  gate.post("messages", { model, max_tokens: 100, messages, ...fields });
const respond = (fields: object, model = "searches") =>
  gate.post("responses", { model, max_output_tokens: 100, input: "Search.", ...fields });

const toolIn = ({ tools }: JsonObject): JsonObject => {
  const found: unknown = Array.isArray(tools) ? tools.find(({ name }) => name === "web_search") : null;
  return isObject(found) ? found : {};
};

beforeEach(async () => {
  bill = () => ({ input: 15_665, output: 443, searches: 2 });
  [manner, sent, billedUsd] = [USUAL, [], 0];
  await leaveBudget(gate, null);
});

describe("a search by the provider", () => {
  test("passes and is billed by its count, whole and streamed, as a message and as a response", async () => {
    const answers = [
      await ask({ tools: [{ ...search, max_uses: 8 }] }),
      await ask({ tools: [{ ...search, max_uses: 8 }], stream: true }),
      await respond({ tools: [{ type: "web_search" }], max_tool_calls: 3 }),
    ];
    for (const answered of answers) {
      expect(answered.status).toBe(200);
      await answered.text();
      const row = await gate.rowOf(answered);
      expect(row).toMatchObject({ status: "settled", usage_source: "provider", meters: { web_searches: 2 } });
      expect(Number(row.cost_usd)).toBe(0.036108);
      expect(answered.headers.get("x-tollgate-dropped")).toBeNull();
      // The client's own bound goes on as it is.
      expect(answered.headers.get("x-tollgate-max-searches")).toBeNull();
    }
    expect(sent.slice(0, 2).map(toolIn)).toEqual([
      { ...search, max_uses: 8 },
      { ...search, max_uses: 8 },
    ]);
    expect(sent[2]).toMatchObject({ tools: [{ type: "web_search" }], max_tool_calls: 3 });
  });

  test("gets a bound of five from Tollgate, and no larger one than a hundred", async () => {
    const message = await ask({ tools: [search, read] });
    await ask({ tools: [{ ...search, max_uses: 5_000 }] });
    await respond({ tools: [{ type: "web_search" }, run] });
    expect(toolIn(sent[0] ?? {})).toEqual({ ...search, max_uses: 5 });
    expect(toolIn(sent[1] ?? {})).toEqual({ ...search, max_uses: 100 });
    expect(sent[2]).toMatchObject({ tools: [{ type: "web_search" }, run], max_tool_calls: 5 });
    expect(message.headers.get("x-tollgate-max-searches")).toBe("5");
  });

  test("that the provider does not count is counted by what it shows, but for those that failed", async () => {
    manner = { ...USUAL, isCounted: false };
    for (const answered of [
      await ask({ tools: [search] }),
      await ask({ tools: [search], stream: true }),
      await respond({ tools: [{ type: "web_search" }] }),
    ]) {
      await answered.text();
      expect(Number((await gate.rowOf(answered)).cost_usd)).toBe(0.036108);
    }
  });

  test("is held for with its fee, the window for each reading, and the output of each", async () => {
    const holdOf = async (answered: Response) => Number((await gate.rowOf(answered)).hold_usd);
    const searching = (most: number, fields = {}) =>
      ask({ tools: [{ ...search, max_uses: most }], ...fields });
    const [few, many] = [await holdOf(await searching(2)), await holdOf(await searching(9))];
    // One that is refused at the bound is read, too.
    expect(many - few).toBeCloseTo(7 * SEARCH_USD, 12);
    expect((await holdOf(await searching(11))) - many).toBeCloseTo(
      2 * (SEARCH_USD + WINDOW_USD) + (2 * 100) / 1e6,
      5,
    );
    const longer = await holdOf(await searching(2, { max_tokens: 200 }));
    expect(longer - few).toBeCloseTo(((1 + READINGS_AGAIN) * 100) / 1e6, 12);
    const least = 2 * SEARCH_USD + READINGS_AGAIN * WINDOW_USD + ((1 + READINGS_AGAIN) * 100) / 1e6;
    expect(few - least).toBeGreaterThan(0);
    expect(few - least).toBeLessThan(WINDOW_USD);

    const responding = (most: number) => respond({ tools: [{ type: "web_search" }], max_tool_calls: most });
    const [three, four] = [await holdOf(await responding(3)), await holdOf(await responding(4))];
    expect(four - three).toBeCloseTo(SEARCH_USD + WINDOW_USD, 12);
    const bound = 3 * (SEARCH_USD + WINDOW_USD) + 100 / 1e6;
    expect(three - bound).toBeGreaterThan(0);
    expect(three - bound).toBeLessThan(WINDOW_USD);
  });
});

describe("a search that cannot be held for", () => {
  const isRejected = async (answered: Response, code = "unsupported_parameter") => {
    const text = await answered.text();
    expect(answered.status).toBe(400);
    expect(answered.headers.get("x-tollgate-code") ?? JSON.parse(text).error.code).toBe(code);
  };

  test.each(["unpriced", "no-window"])("is dropped as an offer, rejected as a demand: %s", async (model) => {
    for (const offered of [
      await ask({ tools: [search, read] }, model),
      await respond({ tools: [{ type: "web_search" }, run] }, model),
    ]) {
      expect(offered.status).toBe(200);
      expect(offered.headers.get("x-tollgate-dropped")).toBe("tools[0]");
    }
    expect(sent[0]).toMatchObject({ tools: [read] });
    expect(sent[1]).toMatchObject({ tools: [run] });
    expect(sent[1]).not.toHaveProperty("max_tool_calls");
    await isRejected(await ask({ tools: [search] }, model));
    await isRejected(await respond({ tools: [{ type: "web_search" }] }, model));
  });

  test("is rejected where another target has no rate, or a provider may not keep the bound", async () => {
    const { sql, seeded, gateway } = gate;
    const [added] = await sql`
      INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority)
      SELECT ${seeded.ids.models.searches ?? null}, provider_id, 'other', price_version_id, 1 FROM model_targets
      WHERE model_id = ${seeded.ids.models.unpriced ?? null} RETURNING id`;
    await gateway.routing({ fresh: true });
    await isRejected(await ask({ tools: [search] }));
    await sql`DELETE FROM model_targets WHERE id = ${added?.id}`;
    await setSettings({ dialects: keepSettings.dialects });
    await isRejected(await ask({ tools: [search] }));
    await setSettings(keepSettings);
    expect((await ask({ tools: [search] })).status).toBe(200);
  });

  test.each<[string, object]>([
    ["one that code calls", { ...search, type: "web_search_20260209" }],
    ["one that code may call", { ...search, allowed_callers: ["direct", "code_execution_20250825"] }],
    ["one with an unknown field", { ...search, depth: 9 }],
    ["one with a bound in words", { ...search, max_uses: "8" }],
    ["a fetch of pages", { type: "web_fetch_20250910", name: "web_fetch", max_uses: 2 }],
  ])("of another kind is rejected: %s", async (_, tool) => {
    await isRejected(await ask({ tools: [tool] }));
    const offered = await ask({ tools: [tool, read] });
    expect(offered.headers.get("x-tollgate-dropped")).toBe("tools[0]");
  });

  test.each<[string, object]>([
    ["the preview, which has another price", { type: "web_search_preview" }],
    ["one with an unknown field", { type: "web_search", depth: 9 }],
    ["a search of files", { type: "file_search", vector_store_ids: ["v"] }],
  ])("of another kind is rejected in a response: %s", async (_, tool) => {
    await isRejected(await respond({ tools: [tool] }));
  });

  test("is dropped for a hosted tool beside it, which stays dropped", async () => {
    const answered = await ask({ tools: [{ type: "web_fetch_20250910", name: "web_fetch" }, search, read] });
    expect(answered.headers.get("x-tollgate-dropped")).toBe("tools[0]");
    expect(sent[0]).toMatchObject({ tools: [{ ...search, max_uses: 5 }, read] });
  });

  test("of a later version passes if Claude itself calls it", async () => {
    const later = { ...search, type: "web_search_20260209", allowed_callers: ["direct"] };
    expect((await ask({ tools: [later] })).status).toBe(200);
    expect(toolIn(sent[0] ?? {})).toEqual({ ...later, max_uses: 5 });
  });
});

describe("under a hard budget", () => {
  const bounded = (output: number) => (output * (1 + READINGS_AGAIN)) / 1e6;

  test("searches are lowered in number, and the demand for one is rejected only if not one fits", async () => {
    await leaveBudget(gate, 3 * (SEARCH_USD + WINDOW_USD) + 0.008);
    const lowered = await respond({ tools: [{ type: "web_search" }], max_tool_calls: 9 });
    expect(lowered.status).toBe(200);
    expect(lowered.headers.get("x-tollgate-max-searches")).toBe("3");
    expect(sent[0]).toMatchObject({ max_tool_calls: 3 });

    await leaveBudget(gate, READINGS_AGAIN * WINDOW_USD + 2.9 * SEARCH_USD);
    const message = await ask({ tools: [{ ...search, max_uses: 8 }], max_tokens: 16 });
    expect(message.status).toBe(200);
    expect(toolIn(sent[1] ?? {})).toMatchObject({ max_uses: 2 });

    await leaveBudget(gate, READINGS_AGAIN * WINDOW_USD);
    const rejected = await ask({ tools: [{ ...search, max_uses: 8 }], max_tokens: 16 });
    expect(rejected.status).toBe(429);
    expect(rejected.headers.get("x-tollgate-code")).toBe("insufficient_quota");
    expect(sent).toHaveLength(2);
  });

  test("an offer that does not fit is dropped and named", async () => {
    await leaveBudget(gate, 0.009);
    bill = () => ({ input: 10, output: 10, searches: 0 });
    const message = await ask({ tools: [search, read] });
    expect(message.status).toBe(200);
    expect(message.headers.get("x-tollgate-dropped")).toBe("tools[0]");
    const response = await respond({ tools: [run, { type: "web_search" }] });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-tollgate-dropped")).toBe("tools[1]");
    expect(response.headers.get("x-tollgate-max-searches")).toBeNull();
    expect(sent).toMatchObject([{ tools: [read] }, { tools: [run] }]);
    expect(sent[1]).not.toHaveProperty("max_tool_calls");
  });

  test("an offer leaves half of a budget to other requests", async () => {
    await leaveBudget(gate, 0.1);
    bill = () => ({ input: 10, output: 10, searches: 0 });
    const offered = await respond({ tools: [run, { type: "web_search" }] });
    expect(offered.headers.get("x-tollgate-max-searches")).toBe("2");
    expect(Number((await gate.rowOf(offered)).hold_usd)).toBeLessThan(0.05);
  });

  test("the output bound is lowered as each reading may have it", async () => {
    await leaveBudget(gate, READINGS_AGAIN * WINDOW_USD + SEARCH_USD + 0.008 + bounded(50));
    const answered = await ask({ tools: [{ ...search, max_uses: 1 }], max_tokens: 4_000 });
    expect(answered.status).toBe(200);
    const most = Number(answered.headers.get("x-tollgate-max-tokens"));
    expect(most).toBeGreaterThanOrEqual(50);
    expect(most).toBeLessThan(900);
    expect(sent[0]).toMatchObject({ max_tokens: most });
  });

  /** Searches as often as it may, is refused after that, and fills the window each time. */
  function greedy(body: JsonObject): Billing {
    if ("input" in body) {
      const most = Number(body.max_tool_calls ?? 0);
      return { input: 50 + most * WINDOW, output: Number(body.max_output_tokens), searches: most };
    }
    const most = Number(toolIn(body).max_uses);
    const again = Math.max(most, READINGS_AGAIN);
    const output = Number(body.max_tokens) * (1 + again);
    return { input: 50 + again * WINDOW, output, searches: most };
  }

  test("32 concurrent requests to a provider that does all that it may never overspend", async () => {
    bill = greedy;
    for (const [send, limitUsd] of [
      [() => ask({ tools: [{ ...search, max_uses: 8 }], max_tokens: 5_000, stream: true }), 1.5],
      [() => ask({ tools: [search], max_tokens: 500 }), 1],
      [() => respond({ tools: [{ type: "web_search" }, run] }), 0.6],
    ] as const) {
      const before = await spentUsd(gate);
      billedUsd = 0;
      await leaveBudget(gate, limitUsd);
      const answers = await Promise.all(Array.from({ length: 32 }, send));
      await Promise.all(answers.map((answered) => answered.text()));
      const served = answers.filter(({ status }) => status === 200);
      expect(served.length).toBeGreaterThan(0);
      for (const answered of served) {
        const row = await gate.rowOf(answered);
        expect(Number(row.overrun_usd)).toBe(0);
      }
      const spent = (await spentUsd(gate)) - before;
      expect(spent).toBeCloseTo(billedUsd, 9);
      expect(spent).toBeLessThanOrEqual(limitUsd);
    }
  });

  test("a stream whose client hangs up is read to its end, and billed by its report", async () => {
    manner = { ...USUAL, pauseMs: 300 };
    await leaveBudget(gate, 1);
    const answered = await ask({ tools: [{ ...search, max_uses: 2 }], stream: true });
    await hangUpAt("Found it.", answered);
    const row = await gate.rowOf(answered);
    expect(row).toMatchObject({ http_status: 499, usage_source: "provider", meters: { web_searches: 2 } });
    expect(Number(row.cost_usd)).toBe(0.036108);
  });

  test("a stream that breaks off is charged all that was held for its readings", async () => {
    manner = { ...USUAL, cutsOff: true };
    await leaveBudget(gate, 1);
    const answered = await ask({ tools: [{ ...search, max_uses: 2 }], stream: true });
    await answered.text();
    const row = await gate.rowOf(answered);
    expect(row).toMatchObject({ usage_source: "estimated", meters: { web_searches: 2 } });
    expect(Number(row.input_tokens)).toBeGreaterThan(READINGS_AGAIN * WINDOW);
    expect(Number(row.overrun_usd)).toBe(0);
  });
});

test("without a budget, a stream that breaks off is charged the searches that were seen", async () => {
  manner = { ...USUAL, cutsOff: true };
  const answered = await ask({ tools: [{ ...search, max_uses: 8 }], stream: true });
  await answered.text();
  const row = await gate.rowOf(answered);
  expect(row).toMatchObject({ usage_source: "estimated", meters: { web_searches: 2 } });
  expect(Number(row.input_tokens)).toBeLessThan(WINDOW);
});

testBalancedBooks(gate);
