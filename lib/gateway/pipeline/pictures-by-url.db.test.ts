import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { billedAtHosts, chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, spentUsd } from "#lib/gateway/testing/user-budget";

const rates = { inputPerMtok: "5", outputPerMtok: "30" };
const PICTURES = 20;
/** A photo of 12 megapixels (huggingface.co/datasets/JOHNISKING/image-token-cost). */
const TOKENS_OF_PHOTO = 11_868;
const BILLED_USD = (PICTURES * TOKENS_OF_PHOTO * 5 + 16 * 30) / 1e6;

const gate = await testGateway({
  models: ["gpt-5.5", "gpt-4o"].map((name) => ({ name, rates, contextWindow: 1_050_000 })),
});

let billed = 0;

const setHost = await billedAtHosts(gate, async (_, response) => {
  billed += 1;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(chunk({ content: "A harbour" }));
  await sleep(200);
  const usage = { choices: [], usage: usageOf(PICTURES * TOKENS_OF_PHOTO, 16) };
  if (!response.destroyed)
    response.end(`${chunk({}, "stop")}data: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`);
});

const picture = (url: string) => ({ type: "image_url", image_url: { url } });
const BY_URL = Array.from({ length: PICTURES }, (_, at) => picture(`https://images.example/${at}.jpg`));

/** Hangs up after the first word. */
async function hangUp(model: string, content: object[] = BY_URL): Promise<number> {
  const gone = new AbortController();
  const body = { model, stream: true, max_tokens: 16, messages: [{ role: "user", content }] };
  const response = await gate.chat(body, { signal: gone.signal });
  if (response.status === 200) await response.body?.getReader().read();
  gone.abort();
  await expect.poll(() => gate.gateway.inFlight.size).toBe(0);
  await gate.gateway.settler.idle();
  return response.status;
}

beforeEach(() => setHost("https://api.openai.com/v1"));

describe("pictures whose size the body does not tell", () => {
  test("are billed within a hard budget, however often a client hangs up", async () => {
    await leaveBudget(gate, 4);
    const before = await spentUsd(gate);
    for (let at = 0; at < 6; at++) await hangUp("gpt-5.5");
    expect(billed).toBeGreaterThan(0);
    expect(billed * BILLED_USD).toBeLessThanOrEqual(4);
    expect((await spentUsd(gate)) - before).toBeCloseTo(billed * BILLED_USD, 6);
  });

  test.each([
    ["the caller has no budget", "gpt-5.5", null, BY_URL],
    [
      "their detail is low",
      "gpt-5.5",
      "4",
      BY_URL.map(({ image_url: { url } }) => ({ type: "image_url", image_url: { url, detail: "low" } })),
    ],
  ])("are estimated after a hang-up if %s", async (_, model, usd, content) => {
    await leaveBudget(gate, usd);
    await hangUp(model, content);
    const [row] = await gate.sql`SELECT usage_source FROM ledger ORDER BY id DESC LIMIT 1`;
    expect(row).toMatchObject({ usage_source: "estimated" });
  });
});
