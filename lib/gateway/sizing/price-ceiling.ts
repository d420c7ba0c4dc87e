import { formatUsd } from "#lib/credit/money";
import type { CompiledSide } from "#lib/credit/prices/price";
import type { Route } from "#lib/gateway/routing/routing";
import { hostOf, isWithin } from "#lib/providers/host-of";

const TOKENS_OF_RATE = 1_000_000n;

/**
 * The fields by which a service that has several providers for a model chooses none that is dearer than the target's price.
 * OpenRouter bills what the provider charges that it has chosen, and a request's tools, bound or format leave it only those
 * that support them (openrouter.ai/docs/features/provider-routing, "Max Price": "will route to any provider with a price of
 * <= $1/m prompt tokens, and <= $2/m completion tokens").
 * @returns values as JSON text, by their names; null where one provider serves a model
 */
export function priceCeiling({
  target,
  rates: { base, divisor },
}: Pick<Route, "target" | "rates">): Readonly<Record<string, string>> | null {
  if (!isWithin(hostOf(target.baseUrl), ["openrouter.ai"])) return null;
  const usdPerMtok = ({ rest }: CompiledSide) => formatUsd((rest * TOKENS_OF_RATE) / divisor);
  return {
    provider: `{"max_price":{"prompt":${usdPerMtok(base.input)},"completion":${usdPerMtok(base.output)}}}`,
  };
}
