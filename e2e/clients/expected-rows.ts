import { formatUsd } from "#lib/credit/money";
import { NO_USAGE } from "#lib/credit/prices/meters";
import { compileRates, costPicoUsd } from "#lib/credit/prices/price";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { type Price, ratesOf } from "#lib/services/prices/price";
import type { Exchange } from "./recording-proxy";

/** As much of a ledger row as is checked. */
export type Row = {
  id: string;
  status: string;
  endpoint: string;
  usage_source: string;
  input_tokens: number;
  output_tokens: number;
  cost_usd: string;
};

/**
 * What is wrong with the ledger, given what was answered: each answer has one row, with the counts that it names and
 * their exact cost. Empty if all is well.
 */
export function wrongRows(
  exchanges: readonly Exchange[],
  rows: readonly Row[],
  endpoint: string,
  price: Price,
): string[] {
  const answered = exchanges.filter(({ path, status }) => status === 200 && path.includes(`/v1/${endpoint}`));
  const faults = answered.flatMap((exchange) => {
    const row = rows.find(({ id }) => id === exchange.requestId);
    return row === undefined
      ? [`${exchange.requestId} has no row`]
      : wrongRow(row, exchange, endpoint, price);
  });
  if (answered.length < 2) faults.push(`only ${answered.length} requests were answered`);
  if (rows.length !== answered.length) faults.push(`${rows.length} rows for ${answered.length} answers`);
  return faults;
}

function wrongRow(row: Row, exchange: Exchange, endpoint: string, price: Price): string[] {
  const { input, output } = usageIn(exchange.answer);
  const usage = { ...NO_USAGE, inputTokens: input, outputTokens: output };
  const expected: Row = {
    id: exchange.requestId,
    status: "settled",
    endpoint,
    usage_source: "provider",
    input_tokens: input,
    output_tokens: output,
    cost_usd: formatUsd(costPicoUsd(usage, compileRates(ratesOf(price)))),
  };
  return (["status", "endpoint", "usage_source", "input_tokens", "output_tokens", "cost_usd"] as const)
    .filter((field) => row[field] !== expected[field])
    .map((field) => `${row.id}: ${field} is ${row[field]} instead of ${expected[field]}`);
}

/** The last usage of an answer, whole or streamed, in any of the dialects. */
function usageIn(answer: string): { input: number; output: number } {
  const payloads = answer.startsWith("{") ? [answer] : eventPayloads(answer);
  const found = { input: 0, output: 0 };
  for (const payload of payloads) {
    if (!payload.startsWith("{")) continue;
    const said = JSON.parse(payload);
    const usage = said.usage ?? said.response?.usage;
    if (usage === undefined || usage === null) continue;
    found.input = usage.prompt_tokens ?? usage.input_tokens ?? found.input;
    found.output = usage.completion_tokens ?? usage.output_tokens ?? found.output;
  }
  return found;
}
