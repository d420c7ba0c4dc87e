import { inArray } from "drizzle-orm";
import { cataloguePrice, catalogueProviderId } from "#lib/credit/prices/catalogue";
import { hasRegionalPremium, withRegionalPremium } from "#lib/credit/prices/claude-on-clouds";
import { ensurePriceVersion } from "#lib/credit/prices/price-version";
import type { Db, Tx } from "#lib/db/client";
import { importedPrices, type providers } from "#lib/db/schema/routing";
import { effectiveBaseUrl } from "#lib/providers/registry";

/** The fields of a provider that identify it in a catalogue. */
export type PricedProvider = Pick<typeof providers.$inferSelect, "name" | "type" | "baseUrl" | "settings">;

/** The catalogue entry of a model at a provider. */
export type CataloguePrice = {
  contextWindow: number | null;
  maxOutputTokens: number | null;
  /** The version of the price, created if it is new. */
  priceVersionId(): Promise<string>;
};

/** Providers that LiteLLM names differently than the built-in catalogue. */
const LITELLM_PREFIX: Readonly<Record<string, string>> = {
  fireworks: "fireworks_ai",
  google: "gemini",
  moonshotai: "moonshot",
  together: "together_ai",
  voyageai: "voyage",
  "x-ai": "xai",
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
  // An imported price is that of all regions.
  if (hasRegionalPremium(effectiveBaseUrl(provider), upstreamModel)) return null;
  const names = importedNames(provider, upstreamModel);
  const rows = await db.select().from(importedPrices).where(inArray(importedPrices.model, names));
  const best = names.map((name) => rows.find((row) => row.model === name)).find((row) => row !== undefined);
  if (best === undefined) return null;
  const { contextWindow, maxOutputTokens, priceVersionId } = best;
  return { contextWindow, maxOutputTokens, priceVersionId: async () => priceVersionId };
};

const findBuiltInPrice: PriceFinder = async (db, provider, upstreamModel) => {
  const providerId = catalogueId(provider);
  const found = providerId === null ? null : cataloguePrice(providerId, upstreamModel, new Date());
  if (found === null) return null;
  const { contextWindow, origin } = found;
  const isHigher = hasRegionalPremium(effectiveBaseUrl(provider), upstreamModel);
  const rates = isHigher ? withRegionalPremium(found.rates) : found.rates;
  return {
    contextWindow,
    maxOutputTokens: null,
    priceVersionId: () => ensurePriceVersion(db, { source: "catalogue", origin, rates }),
  };
};

function catalogueId(provider: PricedProvider): string | null {
  const url = effectiveBaseUrl(provider);
  return url === "" ? null : catalogueProviderId(url);
}

/**
 * The names under which an imported catalogue may list the model, best first. LiteLLM prefixes the provider's name,
 * except for the models' own makers.
 */
function importedNames(provider: PricedProvider, upstreamModel: string): string[] {
  const providerId = catalogueId(provider);
  const prefixes = providerId === null ? [] : [LITELLM_PREFIX[providerId] ?? providerId];
  const prefixed = [...prefixes, provider.name].map((prefix) => `${prefix}/${upstreamModel}`);
  return [...new Set([...prefixed, upstreamModel])];
}
