import { LRUCache } from "lru-cache";
import { builtInPrice, importedNames, type ProviderAddress } from "#lib/credit/prices/model-at-provider";
import { type CompiledRates, compileRates, parseRates } from "#lib/credit/prices/price";
import { ensurePriceVersionBy } from "#lib/credit/prices/price-version";
import type { Sql } from "#lib/db/client";
import { readCataloguedWindows } from "./held-windows";

/** A model of a provider that no administrator has created. */
export type ProvidersModel = { providerId: string; upstreamModel: string };

/** What the catalogues know of it. */
export type CataloguedModel = {
  contextWindow: number | null;
  maxOutputTokens: number | null;
  /** The greatest that a catalogue has. */
  heldWindow: number | null;
  priceVersionId: string;
  rates: CompiledRates;
};

/**
 * What was made of the models that were asked for, as of one version of the routing. Only so many are kept: their
 * names are the clients'.
 */
export type UnlistedModels<Made> = {
  /** Null if no catalogue prices it; undefined if it was not loaded. */
  get: (model: ProvidersModel) => Made | null | undefined;
  /** @throws (from the promise) if the database cannot be read */
  load: (model: ProvidersModel) => Promise<void>;
};

const MOST_KEPT = 1_000;

/** Creates the memory of a version. @param make null for a model that cannot be served */
export function unlistedModels<Made>(
  make: (model: ProvidersModel) => Promise<Made | null>,
): UnlistedModels<Made> {
  const kept = new LRUCache<string, { made: Made | null }>({ max: MOST_KEPT });
  const loading = new Map<string, Promise<void>>();
  return {
    get: (model) => kept.get(keyOf(model))?.made,
    load: (model) => {
      const key = keyOf(model);
      const before = loading.get(key);
      if (kept.has(key)) return Promise.resolve();
      if (before !== undefined) return before;
      const load = make(model)
        .then((made) => {
          kept.set(key, { made });
        })
        .finally(() => loading.delete(key));
      loading.set(key, load);
      return load;
    },
  };
}

const keyOf = ({ providerId, upstreamModel }: ProvidersModel): string => `${providerId} ${upstreamModel}`;

/** Looks in the imported catalogue first, then in the built-in one, as for a model that is created. */
export async function findCatalogued(
  sql: Sql,
  provider: ProviderAddress,
  upstreamModel: string,
): Promise<CataloguedModel | null> {
  const names = importedNames(provider, upstreamModel);
  const rows = names.length === 0 ? [] : await readImported(sql, names);
  const heldWindow = (await readCataloguedWindows(sql, [{ provider, upstreamModel }]))(
    provider,
    upstreamModel,
  );
  const best = names.map((name) => rows.find(({ model }) => model === name)).find((row) => row !== undefined);
  if (best !== undefined) {
    return {
      contextWindow: best.context_window,
      maxOutputTokens: best.max_output_tokens,
      heldWindow,
      priceVersionId: best.price_version_id,
      rates: compileRates(parseRates(best.rates)),
    };
  }
  const found = builtInPrice(provider, upstreamModel);
  if (found === null) return null;
  return {
    contextWindow: found.contextWindow,
    maxOutputTokens: null,
    heldWindow,
    priceVersionId: await ensurePriceVersionBy(sql, found.version),
    rates: compileRates(found.version.rates),
  };
}

type ImportedRow = {
  model: string;
  context_window: number | null;
  max_output_tokens: number | null;
  price_version_id: string;
  rates: unknown;
};

const readImported = (sql: Sql, names: readonly string[]) => sql<ImportedRow[]>`
  SELECT i.model, i.context_window, i.max_output_tokens, i.price_version_id, v.rates
  FROM imported_prices i JOIN price_versions v ON v.id = i.price_version_id
  WHERE i.model IN ${sql([...names])}`;
