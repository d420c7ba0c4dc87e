import { describe, expect, test } from "vitest";
import { CLIENT_GONE, expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { restoreTimeouts, testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";
import { lenient } from "#lib/testing/upstream/scenario";

/** $1 a million input tokens, and nothing for the output. */
const rates = { inputPerMtok: "1", outputPerMtok: "0" };
const contextWindow = 70_000;
/** What the provider finds at the URL, and the texts around it. */
const READ_TOKENS = "60008";
/** What is charged once the provider has said what it read. */
const READ = { usage_source: "provider", input_tokens: READ_TOKENS, cost_usd: "0.060008000000" };

const slow = lenient({ contextWindow, visibleTokens: 20, tokensPerSecond: 50 });
const fast = lenient({ contextWindow, visibleTokens: 20, tokensPerSecond: 1_000 });
const silent = lenient({
  contextWindow,
  visibleTokens: 2,
  hiddenTokens: { before: 18, after: 0 },
  tokensPerSecond: 50,
});
const gate = await testGateway({
  models: ["reads", "thinks", "thinks+", "hedged"].map((name) => ({
    name,
    upstreamModel: name === "thinks+" ? "thinks-first" : name,
    rates,
    contextWindow,
  })),
  rules: [
    { model: "reads", scenario: slow },
    { model: "thinks", scenario: silent },
    { model: "thinks-first", scenario: silent },
    { model: "hedged", scenario: silent },
    { model: "reads-too", scenario: fast },
  ],
});
restoreTimeouts(gate);
await gate.sql`
  INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority, context_window)
  SELECT t.model_id, t.provider_id, 'reads-too', t.price_version_id, 1, t.context_window
  FROM model_targets t JOIN models m ON m.id = t.model_id WHERE m.name IN ('thinks+', 'hedged')`;
await gate.sql`
  UPDATE model_targets SET timeout_ms = 50 WHERE priority = 0
    AND model_id = (SELECT id FROM models WHERE name = 'thinks+')`;
await gate.gateway.routing({ fresh: true });

const document = { type: "file", file: { file_url: "https://files.example.com/report.pdf" } };
const messages = [{ role: "user", content: [{ type: "text", text: "Summarize this." }, document] }];

/** Hangs up once the provider has the request, and returns its row. */
async function leave(stream: boolean) {
  const gone = new AbortController();
  const before = gate.upstream.requests.length;
  const asked = gate.chat({ model: "reads", messages, stream, max_tokens: 20 }, { signal: gone.signal });
  await expect.poll(() => gate.upstream.requests.length).toBe(before + 1);
  const [id = ""] = [...gate.gateway.inFlight.keys()];
  gone.abort();
  await asked.then((response) => response.text()).catch(() => {});
  return gate.settledRow(id);
}

/** An answer that was read to its end. */
async function withText(response: Response): Promise<Response> {
  await response.text();
  return response;
}

describe("a client whose answer is cut short while its provider reads a document by URL", () => {
  test.each([true, false])(
    "pays for what was read if it hangs up under a hard budget (stream: %s)",
    async (stream) => {
      await leaveBudget(gate, "1");
      expect(await leave(stream)).toMatchObject({
        ...CLIENT_GONE,
        ...READ,
      });
      await expectBalancedBooks(gate);
    },
  );

  test.each([true, false])(
    "pays for the context window if that stays unknown (stream: %s)",
    async (stream) => {
      await leaveBudget(gate, "1");
      gate.gateway.readOnMs = 10;
      expect(await leave(stream)).toMatchObject({
        ...CLIENT_GONE,
        usage_source: "estimated",
        input_tokens: String(contextWindow),
      });
    },
  );

  describe.each([true, false])("if the provider takes too long (stream: %s)", (stream) => {
    const ask = { model: "thinks", messages, stream, max_tokens: 20 };

    async function askBriefly() {
      await leaveBudget(gate, "1");
      gate.gateway.requestTimeoutMs = 50;
      const startedMs = performance.now();
      const response = await read(ask);
      expect(response.status).toBe(504);
      expect(performance.now() - startedMs).toBeLessThan(350);
      return gate.rowOf(response);
    }

    test("pays for what was read, which is reported later", async () => {
      expect(await askBriefly()).toMatchObject({
        http_status: 504,
        ...READ,
      });
      await expectBalancedBooks(gate);
    });

    test("pays for the context window if no report comes", async () => {
      gate.gateway.readOnMs = 10;
      expect(await askBriefly()).toMatchObject({
        http_status: 504,
        usage_source: "estimated",
        input_tokens: String(contextWindow),
      });
      await expectBalancedBooks(gate);
    });

    test("is answered by another target, and pays for what both have read", async () => {
      await leaveBudget(gate, "1");
      const response = await read({ ...ask, model: "thinks+" });
      expect(response.status).toBe(200);
      const row = await gate.rowOf(response);
      expect(row.attempts).toMatchObject([
        { upstream_model: "thinks-first", outcome: "failed", cost_usd: "0.060008" },
        { upstream_model: "reads-too", outcome: "served" },
      ]);
      expect(row.cost_usd).toBe("0.120016000000");
      await expectBalancedBooks(gate);
    });
  });

  test("is not asked of two targets at the same time", async () => {
    await leaveBudget(gate, "1");
    await gate.sql`UPDATE models SET hedge_after_ms = 20 WHERE name = 'hedged'`;
    await gate.gateway.routing({ fresh: true });
    const row = await gate.rowOf(await read({ model: "hedged", messages, max_tokens: 20 }));
    expect(row).toMatchObject({ input_tokens: READ_TOKENS, attempts: null });
    const plain = [{ role: "user", content: "Hello!" }];
    const hedged = await gate.rowOf(await read({ model: "hedged", messages: plain, max_tokens: 20 }));
    expect(hedged.attempts).toHaveLength(2);
  });

  const read = (body: object): Promise<Response> => gate.chat(body).then(withText);

  test("pays an estimate without a budget", async () => {
    await leaveBudget(gate, null);
    const row = await leave(true);
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(Number(row.input_tokens)).toBeLessThan(contextWindow);
  });
});
