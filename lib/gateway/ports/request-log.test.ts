import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lineOf, REJECTIONS_PER_SECOND, type RequestEntry, requestLog } from "./request-log";

const entry: RequestEntry = {
  atMs: Date.UTC(2026, 10, 30, 12),
  requestId: "01930000-0000-7000-8000-000000000000",
  caller: { organizationId: "o-1", userId: null, apiKeyId: "k-1", appId: null },
  keyPrefix: "tg_live_Ab3x",
  endpoint: "chat/completions",
  model: 'odd "name"\n',
  provider: "openai",
  upstreamModel: "gpt-5-mini",
  status: 200,
  code: null,
  inputTokens: 12,
  cachedTokens: 4,
  outputTokens: 7,
  costPicoUsd: 1_500_000n,
  latencyMs: 345,
  ttftMs: null,
  stream: false,
};
const shown = (given: Partial<RequestEntry>) => JSON.parse(lineOf({ ...entry, ...given }));

describe("the line of a request", () => {
  test("is one JSON object with the names of the ledger", () => {
    const line = lineOf(entry);
    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      level: "info",
      time: "2026-11-30T12:00:00.000Z",
      msg: "request",
      request_id: entry.requestId,
      organization_id: "o-1",
      user_id: null,
      api_key_id: "k-1",
      key_prefix: "tg_live_Ab3x",
      app_id: null,
      endpoint: "chat/completions",
      model: 'odd "name"\n',
      provider: "openai",
      upstream_model: "gpt-5-mini",
      status: 200,
      code: null,
      input_tokens: 12,
      cached_tokens: 4,
      output_tokens: 7,
      cost_usd: "0.0000015",
      latency_ms: 345,
      ttft_ms: null,
      stream: false,
    });
  });

  test("has null for the prefix of what is no key", () => {
    expect(shown({ keyPrefix: null }).key_prefix).toBeNull();
  });

  test("is bounded, whatever a client names", () => {
    expect(lineOf({ ...entry, model: "x".repeat(100_000) }).length).toBeLessThan(1_000);
  });
});

describe("rejections", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("have lines up to a rate for each code, and a count of what was left out", () => {
    const added: unknown[] = [];
    const log = requestLog({ add: (each) => added.push(each) }, () => true);
    const made = vi.fn(() => entry);
    for (let n = 0; n < 1000; n++) log.rejection("invalid_api_key", made);
    log.rejection("insufficient_quota", made);
    expect(made).toHaveBeenCalledTimes(REJECTIONS_PER_SECOND + 1);
    vi.advanceTimersByTime(3000);
    expect(added.slice(REJECTIONS_PER_SECOND + 1)).toEqual([
      { atMs: expect.any(Number), code: "invalid_api_key", leftOut: 1000 - REJECTIONS_PER_SECOND },
    ]);
    log.rejection("invalid_api_key", made);
    expect(made).toHaveBeenCalledTimes(REJECTIONS_PER_SECOND + 2);
    expect(JSON.parse(lineOf({ atMs: entry.atMs, code: "invalid_api_key", leftOut: 3 }))).toEqual({
      level: "info",
      time: "2026-11-30T12:00:00.000Z",
      msg: "rejections left out",
      code: "invalid_api_key",
      count: 3,
    });
    vi.advanceTimersByTime(3000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("are not even made below the log's level", () => {
    const made = vi.fn(() => entry);
    requestLog({ add: made }, () => false).rejection("invalid_api_key", made);
    expect(made).not.toHaveBeenCalled();
  });
});
