import { formatUsd } from "#lib/credit/money";
import { metersOf, NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { compileRates, costPicoUsd } from "#lib/credit/prices/price";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { type Price, ratesOf } from "#lib/services/prices/price";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import type { Exchange } from "./recording-proxy";

/** As much of a ledger row as follows from what the provider reports. */
export type ExpectedRow = Pick<
  LedgerRequest,
  | "status"
  | "endpoint"
  | "usage_source"
  | "input_tokens"
  | "cached_tokens"
  | "cache_write_tokens"
  | "output_tokens"
  | "reasoning_tokens"
  | "meters"
  | "cost_usd"
>;

/** The row of a request that was answered with this usage. */
export function expectedRow(usage: Usage, endpoint: string, price: Price): ExpectedRow {
  return {
    status: "settled",
    endpoint,
    usage_source: "provider",
    input_tokens: usage.inputTokens,
    cached_tokens: usage.cachedTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    meters: metersOf(usage) ?? {},
    cost_usd: formatUsd(costPicoUsd(usage, compileRates(ratesOf(price)))),
  };
}

/** The rows of what a client was answered, by their ids, with the counts that each answer names. */
export function rowsOfAnswers(
  exchanges: readonly Exchange[],
  endpoint: string,
  price: Price,
): (ExpectedRow & { id: string })[] {
  return exchanges
    .filter(({ path, status }) => status === 200 && path.includes(`/v1/${endpoint}`))
    .map(({ requestId, answer }) => ({
      id: requestId,
      ...expectedRow({ ...NO_USAGE, ...countsIn(answer) }, endpoint, price),
    }));
}

/** The last usage of an answer, whole or streamed, in any of the dialects. */
function countsIn(answer: string): Pick<Usage, "inputTokens" | "outputTokens"> {
  const payloads = answer.startsWith("{") ? [answer] : eventPayloads(answer);
  const found = { inputTokens: 0, outputTokens: 0 };
  for (const payload of payloads) {
    if (!payload.startsWith("{")) continue;
    const said = JSON.parse(payload);
    const usage = said.usage ?? said.response?.usage;
    if (usage === undefined || usage === null) continue;
    found.inputTokens = usage.prompt_tokens ?? usage.input_tokens ?? found.inputTokens;
    found.outputTokens = usage.completion_tokens ?? usage.output_tokens ?? found.outputTokens;
  }
  return found;
}
