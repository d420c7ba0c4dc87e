import { compileRates } from "#lib/credit/prices/price";
import { type Model, NO_LIMITS, type Route } from "#lib/gateway/routing/routing";
import { testTarget } from "#lib/providers/testing/target";

/** A route at $1 per million tokens either way. */
export function testRoute(upstreamModel = "gpt-4o", contextWindow: number | null = null): Route {
  return {
    dialect: "chat",
    translation: null,
    target: testTarget({ upstreamModel }),
    wire: {
      dialect: "chat",
      path: () => "chat/completions",
      outputLimitField: "max_tokens",
      streamUsage: true,
    },
    priority: 0,
    weight: 1,
    priceVersionId: "v",
    rates: compileRates({ inputPerMtok: "1", outputPerMtok: "1" }),
    limits: NO_LIMITS,
    contextWindow,
  };
}

/** A model with one route. */
export const testModel = (contextWindow: number | null, upstreamModel?: string): Model => ({
  name: "m",
  aliases: [],
  contextWindow,
  maxOutputTokens: null,
  dropsUnsupported: false,
  retries: 0,
  hedgeAfterMs: null,
  createdAt: new Date(),
  strategy: "priority",
  routes: [testRoute(upstreamModel, contextWindow)],
  disabledAt: [],
  isUnlisted: false,
});
