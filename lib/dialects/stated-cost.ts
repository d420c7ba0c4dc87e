import type { PicoUsd } from "#lib/credit/money";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

const DECIMALS = 12;
/** xAI: 1 USD is 10¹⁰ ticks (docs.x.ai/developers/cost-tracking). */
const TICKS = -10;
const AMOUNT = /^(\d{1,30})(?:\.(\d{1,30}))?(?:e([+-]?\d{1,3}))?$/i;
/** More than any request costs: such an amount is an error of the provider's. */
const MOST_USD = 1_000_000;

/**
 * What a provider says in its usage that an answer has cost: OpenRouter, Vercel and LiteLLM (`cost`), Perplexity
 * (`cost.total_cost`), DeepInfra (`estimated_cost`) and xAI (`cost_in_usd_ticks`).
 * @param body what has the `usage`
 * @returns null if it does not say, or nothing plausible
 */
export function statedCostIn(body: unknown): PicoUsd | null {
  if (!isObject(body) || !isObject(body.usage)) return null;
  const { cost, estimated_cost: estimated, cost_in_usd_ticks: ticks } = body.usage;
  if (isObject(cost)) return picoUsdOf(cost.total_cost, 0);
  return withOwnKey(body.usage, picoUsdOf(cost, 0)) ?? picoUsdOf(estimated, 0) ?? picoUsdOf(ticks, TICKS);
}

/** With a key of its customer's, OpenRouter bills a fee, and the maker of the model bills the customer the rest. */
function withOwnKey({ is_byok: isOwnKey, cost_details: details }: JsonObject, fee: PicoUsd | null) {
  if (fee === null || isOwnKey !== true || !isObject(details)) return fee;
  return fee + (picoUsdOf(details.upstream_inference_cost, 0) ?? 0n);
}

/** An amount in 10^`exponent` USD, as a number or a text, to the nearest picodollar. */
function picoUsdOf(value: unknown, exponent: number): PicoUsd | null {
  const [, whole = "", fraction = "", power = "0"] =
    typeof value === "number" || typeof value === "string" ? (AMOUNT.exec(String(value)) ?? []) : [];
  if (whole === "" || !(Number(value) * 10 ** exponent <= MOST_USD)) return null;
  const shift = Number(power) + exponent + DECIMALS - fraction.length;
  const digits = BigInt(whole + fraction);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (digits + divisor / 2n) / divisor;
}
