import { eq, inArray } from "drizzle-orm";
import { builtInPrice, importedNames, type ProviderAddress } from "#lib/credit/prices/model-at-provider";
import { parseRates, type Rates } from "#lib/credit/prices/price";
import { ensurePriceVersion } from "#lib/credit/prices/price-version";
import type { Db, Tx } from "#lib/db/client";
import { importedPrices, priceVersions, type providers } from "#lib/db/schema/routing";
import { pricingUrl } from "#lib/providers/registry";

/** The fields of a provider that identify it in a catalogue. */
export type PricedProvider = Pick<typeof providers.$inferSelect, "name" | "type" | "baseUrl" | "settings">;

/** The catalogue entry of a model at a provider. */
export type CataloguePrice = {
  contextWindow: number | null;
  maxOutputTokens: number | null;
  rates: Rates;
  /** The version of the price, created if it is new. */
  priceVersionId(): Promise<string>;
};

/** Looks up a model at a provider. Returns null for an unknown one. */
export type PriceFinder = (
  db: Db | Tx,
  provider: PricedProvider,
  upstreamModel: string,
) => Promise<CataloguePrice | null>;

/** Looks in the imported catalogue first, then in the built-in one. */
export const findCataloguePrice: PriceFinder = async (db, provider, upstreamModel) =>
  (await findImportedPrice(db, provider, upstreamModel)) ?? findBuiltInPrice(db, provider, upstreamModel);

/** Looks in the imported catalogue. */
export const findImportedPrice: PriceFinder = async (db, provider, upstreamModel) => {
  const names = importedNames(addressOf(provider), upstreamModel);
  if (names.length === 0) return null;
  const { model, contextWindow, maxOutputTokens, priceVersionId } = importedPrices;
  const rows = await db
    .select({ model, contextWindow, maxOutputTokens, priceVersionId, rates: priceVersions.rates })
    .from(importedPrices)
    .innerJoin(priceVersions, eq(priceVersions.id, priceVersionId))
    .where(inArray(model, names));
  const best = names.map((name) => rows.find((row) => row.model === name)).find((row) => row !== undefined);
  if (best === undefined) return null;
  return { ...best, rates: parseRates(best.rates), priceVersionId: async () => best.priceVersionId };
};

const findBuiltInPrice: PriceFinder = async (db, provider, upstreamModel) => {
  const found = builtInPrice(addressOf(provider), upstreamModel);
  if (found === null) return null;
  const { contextWindow, version } = found;
  const { rates } = version;
  return {
    contextWindow,
    maxOutputTokens: null,
    rates,
    priceVersionId: () => ensurePriceVersion(db, version),
  };
};

const addressOf = (provider: PricedProvider): ProviderAddress => ({
  name: provider.name,
  url: pricingUrl(provider),
});
