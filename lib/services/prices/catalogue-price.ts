import { inArray } from "drizzle-orm";
import { cataloguePrice, catalogueProviderId } from "#lib/credit/prices/catalogue";
import { ensurePriceVersion } from "#lib/credit/prices/price-version";
import type { Db, Tx } from "#lib/db/client";
import { importedPrices, type providers } from "#lib/db/schema/routing";
import { effectiveBaseUrl } from "#lib/providers/registry";

/** What of a provider says whose prices are its. */
export type PricedProvider = Pick<typeof providers.$inferSelect, "name" | "type" | "baseUrl">;

/** What a catalogue knows of a model at a provider. */
export type CataloguePrice = {
  contextWindow: number | null;
  maxOutputTokens: number | null;
  /** The price's version, made where it is new. */
  priceVersionId(): Promise<string>;
};

/** Where LiteLLM has another word for a provider than the built-in catalogue. */
const LITELLM_PREFIX: Readonly<Record<string, string>> = {
  fireworks: "fireworks_ai",
  google: "gemini",
  moonshotai: "moonshot",
  together: "together_ai",
  voyageai: "voyage",
  "x-ai": "xai",
};

/** Looks a model at a provider up; null where it is not known. */
export type PriceFinder = (
  db: Db | Tx,
  provider: PricedProvider,
  upstreamModel: string,
) => Promise<CataloguePrice | null>;

/** What the catalogues say of a model at a provider as of now: the imported one, else the built-in one. */
export const findCataloguePrice: PriceFinder = async (db, provider, upstreamModel) =>
  (await findImportedPrice(db, provider, upstreamModel)) ?? findBuiltInPrice(db, provider, upstreamModel);

/** What the imported catalogue says. */
export const findImportedPrice: PriceFinder = async (db, provider, upstreamModel) => {
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
  const { contextWindow, ...price } = found;
  return {
    contextWindow,
    maxOutputTokens: null,
    priceVersionId: () => ensurePriceVersion(db, { source: "catalogue", ...price }),
  };
};

function catalogueId(provider: PricedProvider): string | null {
  const url = effectiveBaseUrl(provider);
  return url === "" ? null : catalogueProviderId(url);
}

/**
 * Under which names an imported catalogue may have the model, best first: LiteLLM puts the provider's
 * name before it, but for the makers of a model themselves.
 */
function importedNames(provider: PricedProvider, upstreamModel: string): string[] {
  const providerId = catalogueId(provider);
  const prefixes = providerId === null ? [] : [LITELLM_PREFIX[providerId] ?? providerId];
  const prefixed = [...prefixes, provider.name].map((prefix) => `${prefix}/${upstreamModel}`);
  return [...new Set([...prefixed, upstreamModel])];
}
