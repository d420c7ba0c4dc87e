import { afterEach, describe, expect, test } from "vitest";
import { countWithoutClient } from "#lib/gateway/ports/in-flight";
import { CLIENT_GONE, testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat, failure } from "#lib/testing/upstream/scenario";

const messages = [{ role: "user", content: "Hello!" }];
/** A million dollars a million tokens, and nothing for the input: a dollar is an output token. */
const rates = { inputPerMtok: "0", outputPerMtok: "1000000" };
const gate = await testGateway({
  models: [
    { name: "slow-stream", rates },
    { name: "slow-head", rates },
    { name: "endless", rates },
    { name: "endless-flood", rates, maxOutputTokens: 500 },
    { name: "slow-missing", rates },
    { name: "slow-refusal", rates },
    { name: "slow-body", rates },
  ],
  rules: [
    { model: "slow-missing", scenario: chat({ chunks: 20, usage: null }, { paceMs: 10 }) },
    {
      model: "slow-refusal",
      scenario: { ...failure(400, "invalid_value", "No."), framing: { headDelayMs: 300 } },
    },
    { model: "slow-body", scenario: chat({ chunks: 50 }, { writeBytes: 40, paceMs: 20 }) },
  ],
});
const onHangUp = (mode: string) =>
  gate.sql`UPDATE organizations SET on_hang_up = ${mode} WHERE id = ${gate.seeded.ids.organization}`;
await onHangUp("drain");
afterEach(() => {
  gate.gateway.readOnMs = 60_000;
});

const seenOf = (model: string) =>
  gate.upstream.requests.findLast((request) => request.rawBody.includes(`"${model}"`));

const openHolds = async () => {
  const [row] =
    await gate.sql`SELECT sum(open_holds)::int AS open FROM counters WHERE scope_id = ${gate.seeded.ids.organization}`;
  return row?.open;
};

/** Hangs up after the first bytes of the stream; answers the request's id. */
async function leaveStream(model: string, fields: object = {}): Promise<string | null> {
  const gone = new AbortController();
  const response = await gate.chat({ model, messages, stream: true, ...fields }, { signal: gone.signal });
  await response.body?.getReader().read();
  gone.abort();
  return response.headers.get("x-request-id");
}

/** Hangs up while nothing has come yet; answers the request's id. */
async function leaveBeforeHead(model: string, fields: object = {}): Promise<string> {
  const gone = new AbortController();
  const before = gate.upstream.requests.length;
  const asked = gate.chat({ model, messages, ...fields }, { signal: gone.signal });
  await expect.poll(() => gate.upstream.requests.length).toBe(before + 1);
  gone.abort();
  await expect(asked).rejects.toThrow();
  const [id = ""] = [...gate.gateway.inFlight.keys()];
  return id;
}

const CHARGED = { ...CLIENT_GONE, status: "settled", usage_source: "provider" };

describe("a client that hangs up, if answers are read to their end,", () => {
  test("pays for what the provider counted in a stream, and stays in flight until then", async () => {
    const requestId = await leaveStream("slow-stream");
    await expect.poll(() => countWithoutClient(gate.gateway.inFlight)).toBe(1);
    expect(await openHolds()).toBe(1);
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({
      ...CHARGED,
      input_tokens: "9",
      output_tokens: "50",
      cost_usd: "50.000000000000",
    });
    expect(seenOf("slow-stream")?.ending).toBe("answered");
    expect(gate.gateway.inFlight.size).toBe(0);
    expect(await openHolds()).toBe(0);
  });

  test.each([true, false])("pays the same before the answer has begun (stream: %s)", async (stream) => {
    const requestId = await leaveBeforeHead("slow-head", { stream });
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({
      ...CHARGED,
      cost_usd: "5.000000000000",
    });
    expect(seenOf("slow-head")?.ending).toBe("answered");
  });

  test("pays the same in the middle of a whole answer", async () => {
    const requestId = await leaveBeforeHead("slow-body");
    expect(await gate.settledRow(requestId)).toMatchObject({
      ...CLIENT_GONE,
      usage_source: "provider",
      output_tokens: "50",
    });
  });

  test("costs nothing if the provider rejects the request", async () => {
    const requestId = await leaveBeforeHead("slow-refusal");
    expect(await gate.settledRow(requestId)).toMatchObject({
      ...CLIENT_GONE,
      status: "released",
      cost_usd: "0.000000000000",
    });
  });

  test("pays an estimate over the whole stream if the provider reports no usage", async () => {
    const requestId = await leaveStream("slow-missing");
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(20);
  });

  test("has its answer read for a limited time", async () => {
    gate.gateway.readOnMs = 300;
    const requestId = await leaveStream("endless");
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({ ...CLIENT_GONE, status: "settled", usage_source: "estimated" });
    expect(Number(row.output_tokens)).toBeGreaterThan(20);
    await expect.poll(() => seenOf("endless")?.ending).toBe("client_gone");
  });

  test("has its answer read no further than what is held, if the provider has no bound", async () => {
    const requestId = await leaveStream("endless-flood");
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    await expect.poll(() => seenOf("endless-flood")?.ending).toBe("client_gone");
    // Some more were in the buffers on their way to the client.
    expect(Number(row.output_tokens)).toBeLessThan(1500);
  });

  test("is not charged beyond the bound that the provider was told", async () => {
    const requestId = await leaveStream("endless-flood", { max_tokens: 100 });
    expect(await gate.settledRow(requestId)).toMatchObject({
      ...CLIENT_GONE,
      usage_source: "estimated",
      output_tokens: "100",
      overrun_usd: "0.000000000000",
    });
    await expect.poll(() => seenOf("endless-flood")?.ending).toBe("client_gone");
  });

  test("is cut off when the process shuts down", async () => {
    const requestId = await leaveStream("endless");
    await expect.poll(() => countWithoutClient(gate.gateway.inFlight)).toBe(1);
    for (const { stopReading } of gate.gateway.inFlight.values()) stopReading();
    expect(await gate.settledRow(requestId)).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
    expect(gate.gateway.inFlight.size).toBe(0);
  });
});

test("a changed setting applies to the organization's next request", async () => {
  await onHangUp("abort");
  const requestId = await leaveStream("slow-stream");
  expect(await gate.settledRow(requestId)).toMatchObject({ ...CLIENT_GONE, usage_source: "estimated" });
  await expect.poll(() => seenOf("slow-stream")?.ending).toBe("client_gone");
});

testBalancedBooks(gate);
