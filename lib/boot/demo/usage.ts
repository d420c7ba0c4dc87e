import { formatUsd } from "#lib/credit/money";
import { NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { boundPicoUsd, type CompiledRates, costPicoUsd } from "#lib/credit/prices/price";
import { uuidv7 } from "#lib/credit/request-id";
import { mulberry32 } from "#lib/providers/simulated/random";

/** A caller in the demo's usage, with the pattern of its requests. */
export type DemoPayer = {
  organizationId: string;
  userId: string | null;
  apiKeyId: string | null;
  appId: string | null;
  tags: readonly string[];
  /** Requests per hour at peak; the share of it at night; models by preference. */
  habits: { perHour: number; nightShare: number; models: readonly string[] };
};

export type DemoModel = { name: string; providerName: string; priceVersionId: string; rates: CompiledRates };

/** A ledger row for lib/boot/demo/ledger.ts. */
export type DemoRow = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

type Outcome = { httpStatus: number; errorCode: string | null; billed: boolean; measured: boolean };

const HOUR_MS = 3_600_000;
const TIMEOUT_MS = 600_000;
const DAYS = 7;
const MAX_OUTPUT_TOKENS = 4096;
const GRANTED: Outcome = { httpStatus: 200, errorCode: null, billed: true, measured: true };
/** Failures and how often they happen. */
const FAILURES: readonly (Outcome & { perMille: number })[] = [
  { perMille: 8, httpStatus: 400, errorCode: "invalid_request_error", billed: false, measured: false },
  { perMille: 9, httpStatus: 429, errorCode: "upstream_rate_limited", billed: false, measured: false },
  { perMille: 9, httpStatus: 499, errorCode: "client_closed_request", billed: true, measured: false },
  { perMille: 5, httpStatus: 502, errorCode: "upstream_error", billed: false, measured: false },
  { perMille: 3, httpStatus: 504, errorCode: "upstream_timeout", billed: true, measured: false },
];

/**
 * Seven days of requests up to `now`: more by day (UTC), fewer at night and on weekends, and a few failures.
 * Deterministic except for the ids.
 */
export function demoUsage(now: Date, payers: readonly DemoPayer[], models: readonly DemoModel[]): DemoRow[] {
  const next = mulberry32(20_240_607);
  const random = () => next() / 2 ** 32;
  const thisHourMs = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  // Newer requests could still be in flight.
  const newestMs = now.getTime() - TIMEOUT_MS;
  const rows: DemoRow[] = [];
  for (let hourMs = thisHourMs - DAYS * 24 * HOUR_MS; hourMs <= thisHourMs; hourMs += HOUR_MS) {
    for (const payer of payers) {
      const { perHour, nightShare, models: preferred } = payer.habits;
      const count = Math.floor(
        perHour * loadAt(new Date(hourMs), nightShare) * (0.7 + 0.6 * random()) + random(),
      );
      for (let i = 0; i < count; i++) {
        const createdAtMs = Math.floor(hourMs + random() * HOUR_MS);
        const name = preferred[Math.floor(random() * preferred.length)];
        const model = models.find((candidate) => candidate.name === name);
        const row = model && demoRow(createdAtMs, payer, model, random);
        if (row && createdAtMs < newestMs) rows.push(row);
      }
    }
  }
  return rows;
}

/** 0 to 1, with peaks in the morning and afternoon, and about a third on weekends. */
function loadAt(at: Date, nightShare: number): number {
  const hour = at.getUTCHours();
  const peak = (around: number, width: number) => Math.exp(-(((hour - around) / width) ** 2));
  const day = Math.min(1, peak(9.5, 2.4) + 0.9 * peak(15, 2.8));
  const weekday = at.getUTCDay() % 6 === 0 ? 0.35 : 1;
  return (nightShare + (1 - nightShare) * day) * weekday;
}

function demoRow(createdAtMs: number, payer: DemoPayer, model: DemoModel, random: () => number): DemoRow {
  const outcome = outcomeOf(random());
  const wantedInput = Math.floor(120 + 5200 * random() ** 3);
  const usage = usageOf(outcome, wantedInput, random);
  const stream = random() < 0.7;
  const ttftMs = Math.floor(140 + 420 * random() ** 2);
  const answered = usage.outputTokens > 0;
  const wholeMs = ttftMs + Math.floor((usage.outputTokens / (70 + 40 * random())) * 1000);
  const latencyMs = outcome.httpStatus === 504 ? TIMEOUT_MS : answered ? wholeMs : ttftMs;
  const cost = outcome.billed ? costPicoUsd(usage, model.rates) : 0n;
  return {
    id: uuidv7(createdAtMs),
    created_at: new Date(createdAtMs).toISOString(),
    settled_at: new Date(createdAtMs + latencyMs).toISOString(),
    status: outcome.billed ? "settled" : "released",
    organization_id: payer.organizationId,
    user_id: payer.userId,
    api_key_id: payer.apiKeyId,
    app_id: payer.appId,
    tags: payer.tags,
    endpoint: "chat/completions",
    model: model.name,
    provider: model.providerName,
    upstream_model: model.name,
    price_version_id: model.priceVersionId,
    stream,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cached_tokens: usage.cachedTokens,
    hold_usd: formatUsd(boundPicoUsd(wantedInput * 4, MAX_OUTPUT_TOKENS, model.rates)),
    cost_usd: formatUsd(cost),
    usage_source: outcome.measured ? "provider" : "estimated",
    http_status: outcome.httpStatus,
    error_code: outcome.errorCode,
    latency_ms: latencyMs,
    ttft_ms: stream && answered ? ttftMs : null,
  };
}

function outcomeOf(chance: number): Outcome {
  let reached = 0;
  for (const failure of FAILURES) {
    reached += failure.perMille / 1000;
    if (chance < reached) return failure;
  }
  return GRANTED;
}

function usageOf(outcome: Outcome, inputTokens: number, random: () => number): Usage {
  // Prompt caches work in blocks of 128 tokens, from 1 024 on.
  const cacheable = inputTokens >= 1024 && random() < 0.5;
  const cachedTokens = cacheable && outcome.measured ? Math.floor((inputTokens * 0.8) / 128) * 128 : 0;
  const outputTokens = Math.floor(40 + 900 * random() ** 2);
  return {
    ...NO_USAGE,
    inputTokens: outcome.billed ? inputTokens : 0,
    cachedTokens: outcome.billed ? cachedTokens : 0,
    outputTokens: outcome.billed ? outputTokens : 0,
  };
}
