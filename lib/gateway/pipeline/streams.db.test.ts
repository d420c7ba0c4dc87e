import { describe, expect, test } from "vitest";
import { CLIENT_GONE, expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const messages = [{ role: "user", content: "Hello!" }];
const gate = await testGateway({
  models: [
    "instant",
    "usage-always",
    "usage-in-last-chunk",
    "usage-missing",
    "no-done",
    "leaky-headers",
    "gzip-split",
    "brotli",
    "multibyte-split",
    "slow-drip",
    "slow-stream",
    "endless",
    "endless-flood",
    "whole-for-stream",
    "broken-sse",
    "odd-sse",
    "error-event",
    "error-event-first",
    "close-before-head",
    "close-after-head",
    "close-mid-stream",
    "reset-mid-stream",
    "end-mid-stream",
    "stall-after-head",
    "stall-mid-stream",
    "garbage-stream",
    "empty-stream",
    "status-429",
    "status-400",
  ].map((name) => ({ name, rates: { inputPerMtok: "2", outputPerMtok: "8" } })),
});
// Others send little at a time, which takes long on a busy machine.
await gate.sql`
  UPDATE model_targets SET timeout_ms = 700, idle_timeout_ms = 700 WHERE upstream_model LIKE 'stall%'`;

async function stream(model: string, fields: object = {}) {
  const response = await gate.chat({ model, messages, stream: true, ...fields });
  const text = await response.text();
  const events = text
    .split(/(?:\r\n|\r|\n){2}/)
    .flatMap((event) => event.split(/\r\n|\r|\n/))
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trim());
  return { response, text, events, requestId: response.headers.get("x-request-id") };
}
const contentOf = (events: string[]) =>
  events
    .filter((event) => event !== "[DONE]")
    .map((event) => JSON.parse(event).choices?.[0]?.delta?.content ?? "")
    .join("");

describe("a stream", () => {
  test("is relayed to its end and settled with the provider's usage before [DONE]", async () => {
    const response = await gate.chat({ model: "instant", messages, stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-tollgate-cost-usd")).toBeNull();
    const requestId = response.headers.get("x-request-id");
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (!text.endsWith("data: [DONE]\n\n")) continue;
      const [row] =
        await gate.sql`SELECT status, usage_source, stream, http_status, ttft_ms IS NOT NULL AS ttft FROM ledger WHERE id = ${requestId}`;
      expect(row).toEqual({
        status: "settled",
        usage_source: "provider",
        stream: true,
        http_status: 200,
        ttft: true,
      });
    }
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(text).not.toContain('"usage":{');
  });

  test("always asks the provider for usage, and passes it to a client that asked", async () => {
    const { events } = await stream("instant", { stream_options: { include_usage: true, future: 1 } });
    expect(JSON.parse(events.at(-2) ?? "")).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number) },
    });
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({
      stream_options: { include_usage: true, future: 1 },
    });
    await stream("instant", { stream_options: { include_usage: false } });
    expect(gate.upstream.requests.at(-1)?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  test.each([
    "usage-always",
    "usage-in-last-chunk",
    "gzip-split",
    "brotli",
    "no-done",
    "slow-drip",
    "whole-for-stream",
  ])("%s: ends in [DONE] and is metered by the provider's usage", async (model) => {
    const { response, events, requestId } = await stream(model);
    expect(response.status).toBe(200);
    expect(events.at(-1)).toBe("[DONE]");
    expect(await gate.settledRow(requestId)).toMatchObject({ status: "settled", usage_source: "provider" });
  });

  test("is settled by what was relayed if there is no usage", async () => {
    const { requestId, events } = await stream("usage-missing");
    const row = await gate.settledRow(requestId);
    expect(row).toMatchObject({ status: "settled", usage_source: "estimated", http_status: 200 });
    expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(Math.ceil(contentOf(events).length / 8));
  });

  test("survives split UTF-8 characters and any legal form of events", async () => {
    expect(contentOf((await stream("multibyte-split")).events)).toBe(
      "Grüße 🌍 日本語 naïve café 👩‍👩‍👧 ende",
    );
    expect(contentOf((await stream("odd-sse")).events)).toBe("Odd but legal");
  });

  test("passes none of the provider's headers", async () => {
    const { response } = await stream("leaky-headers");
    for (const name of ["set-cookie", "openai-organization", "x-ratelimit-remaining-requests", "server"]) {
      expect(response.headers.has(name), name).toBe(false);
    }
  });
});

describe("a stream that its provider breaks", () => {
  test.each([
    ["error-event", 502, "upstream_error"],
    ["broken-sse", 502, "upstream_error"],
    ["close-mid-stream", 502, "upstream_error"],
    ["reset-mid-stream", 502, "upstream_error"],
    ["end-mid-stream", 502, "upstream_error"],
    ["stall-mid-stream", 504, "upstream_timeout"],
  ])(
    "%s: what came is relayed, then an error event and no [DONE]; the row is settled as an estimate",
    async (model, status, code) => {
      const { response, events, requestId } = await stream(model);
      expect(response.status).toBe(200);
      expect(contentOf(events.slice(0, -1)).length).toBeGreaterThan(0);
      expect(JSON.parse(events.at(-1) ?? "")).toMatchObject({ error: { message: expect.any(String) } });
      expect(events).not.toContain("[DONE]");
      const row = await gate.settledRow(requestId);
      expect(row).toMatchObject({
        status: "settled",
        http_status: status,
        error_code: code,
        usage_source: "estimated",
      });
      expect(Number(row.output_tokens)).toBeGreaterThan(0);
    },
  );

  test.each([
    ["error-event-first", 502, "upstream_error", "released"],
    ["garbage-stream", 502, "upstream_error", "released"],
    ["empty-stream", 502, "upstream_error", "released"],
    ["close-before-head", 502, "upstream_error", "settled"],
    ["close-after-head", 502, "upstream_error", "settled"],
    ["stall-after-head", 504, "upstream_timeout", "settled"],
    ["status-429", 429, "upstream_rate_limited", "released"],
    ["status-400", 400, "invalid_value", "released"],
  ])("%s before its first event gets %i, not 200", async (model, status, code, rowStatus) => {
    const { response, text, requestId } = await stream(model);
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(await gate.settledRow(requestId)).toMatchObject({ status: rowStatus, error_code: code });
  });
});

describe("a client that hangs up", () => {
  const seenOf = (model: string) =>
    gate.upstream.requests.findLast((request) => request.rawBody.includes(`"${model}"`));

  test.each(["endless", "endless-flood"])(
    "on %s cancels the call to the provider and pays for what was relayed",
    async (model) => {
      const gone = new AbortController();
      const response = await gate.chat({ model, messages, stream: true }, { signal: gone.signal });
      const reader = response.body?.getReader();
      for (let i = 0; i < 5; i++) await reader?.read();
      gone.abort();
      await expect.poll(() => seenOf(model)?.ending, { timeout: 15_000 }).toBe("client_gone");
      const row = await gate.settledRow(response.headers.get("x-request-id"));
      expect(row).toMatchObject({
        status: "settled",
        ...CLIENT_GONE,
        usage_source: "estimated",
      });
      expect(Number(row.output_tokens)).toBeGreaterThan(0);
      expect(gate.gateway.inFlight.size).toBe(0);
    },
  );

  test("that reads nothing does not make the gateway read ahead", async () => {
    const gone = new AbortController();
    const response = await gate.chat(
      { model: "endless-flood", messages, stream: true },
      { signal: gone.signal },
    );
    const requestId = response.headers.get("x-request-id") ?? "";
    // The buffers in between fill up; then the provider's pace is the client's.
    let last = -1;
    await expect
      .poll(
        () => {
          const before = last;
          last = gate.gateway.inFlight.get(requestId)?.progress().ifSweptOutputTokens ?? -2;
          return last === before;
        },
        { interval: 200, timeout: 10_000 },
      )
      .toBe(true);
    gone.abort();
    await gate.settledRow(requestId);
  });
});

test("nothing is left held or in flight, and the counters sum to the ledger", async () => {
  expect(gate.gateway.inFlight.size).toBe(0);
  await expectBalancedBooks(gate);
});
