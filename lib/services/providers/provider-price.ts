import { z } from "zod";
import { notFound } from "#lib/http/errors";
import { modelName } from "#lib/services/models/model-input";
import { findCataloguePrice } from "#lib/services/prices/catalogue-price";
import { Price, priceOf } from "#lib/services/prices/price";
import { verb } from "#lib/services/verb";
import { ProviderId } from "./get-provider";
import { readProvider } from "./read-provider";
import type { RoutingContext } from "./routing-context";

/** What the catalogues know of a model at a provider. */
const ProviderPrice = z
  .object({
    model: z.string(),
    price: Price,
    context_window: z.int().nullable(),
    max_output_tokens: z.int().nullable(),
  })
  .meta({ id: "ProviderPrice" });

/**
 * Finds the price that a model of this name would have at a provider. Changes nothing.
 * @throws ServiceError "not_found"
 */
export const providerPrice = verb({
  role: "admin",
  input: ProviderId.extend({ model: modelName.describe("Its name at the provider.") }),
  output: ProviderPrice,
  run: async (ctx: Pick<RoutingContext, "db" | "actor">, { id, model }) => {
    const found = await findCataloguePrice(ctx.db, await readProvider(ctx.db, id), model);
    if (found === null) throw notFound("price");
    return {
      model,
      price: priceOf(found.rates),
      context_window: found.contextWindow,
      max_output_tokens: found.maxOutputTokens,
    };
  },
});
