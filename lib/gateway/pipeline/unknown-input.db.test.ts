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

const gate = await testGateway({
  models: [{ name: "reads", rates, contextWindow }],
  rules: [{ model: "reads", scenario: lenient({ contextWindow, visibleTokens: 20, tokensPerSecond: 50 }) }],
});
restoreTimeouts(gate);

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

describe("a client whose answer is cut short while its provider reads a document by URL", () => {
  test.each([true, false])(
    "pays for what was read if it hangs up under a hard budget (stream: %s)",
    async (stream) => {
      await leaveBudget(gate, "1");
      expect(await leave(stream)).toMatchObject({
        ...CLIENT_GONE,
        usage_source: "provider",
        input_tokens: READ_TOKENS,
        cost_usd: "0.060008000000",
      });
      await expectBalancedBooks(gate);
    },
  );

  test.each([true, false])(
    "pays for the context window if that stays unknown (stream: %s)",
    async (stream) => {
      await leaveBudget(gate, "1");
      gate.gateway.readOnMs = 50;
      expect(await leave(stream)).toMatchObject({
        ...CLIENT_GONE,
        usage_source: "estimated",
        input_tokens: String(contextWindow),
      });
    },
  );

  test("pays for the context window if the provider takes too long", async () => {
    await leaveBudget(gate, "1");
    gate.gateway.requestTimeoutMs = 50;
    const response = await gate.chat({ model: "reads", messages, max_tokens: 20 });
    await response.text();
    const row = await gate.rowOf(response);
    expect(row).toMatchObject({
      http_status: 504,
      usage_source: "estimated",
      input_tokens: String(contextWindow),
    });
  });

  test("pays an estimate without a budget", async () => {
    await leaveBudget(gate, null);
    const row = await leave(true);
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(Number(row.input_tokens)).toBeLessThan(contextWindow);
  });
});
