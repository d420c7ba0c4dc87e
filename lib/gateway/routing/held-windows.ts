import { LRUCache } from "lru-cache";
import { pauses } from "#lib/config/pauses";
import { builtInWindow, importedNames, type ProviderAddress } from "#lib/credit/prices/model-at-provider";
import type { Sql } from "#lib/db/client";

/** A target, by what says how much it reads. */
export type WindowedTarget = {
  /** As an administrator has stated it. */
  stated: number | null;
  /** The most that the greatest of the catalogues' may be. */
  catalogued: number | null;
};

const THOUSAND = 1_000;
const BINARY_THOUSAND = 1_024;

/**
 * The tokens that a window may have of which a round number is told: "128K" and "1M" often mean 131 072 and 1 048 576, and
 * catalogues write them as 128 000 and 1 000 000. One that is not round is exact.
 */
export function mostOfWindow(tokens: number): number {
  if (tokens % THOUSAND !== 0) return tokens;
  const times = tokens % (THOUSAND * THOUSAND) === 0 ? 2 : 1;
  return Math.ceil(tokens * (BINARY_THOUSAND / THOUSAND) ** times);
}

/**
 * What each target of a model reads at most: what is held for it where only that bounds the input. The model's own window
 * says nothing of a target that reads more: it is the least of its targets', or an administrator's, whom clients are told
 * and the provider is not. So it counts where it is greater, and for targets that no catalogue knows, unless it may have
 * come from another target: then an administrator has stated it, and it is exact.
 * @returns null for a target of which nothing is known
 */
export function heldWindows(
  modelWindow: number | null,
  targets: readonly WindowedTarget[],
): (number | null)[] {
  const known = targets.filter(({ stated, catalogued }) => stated !== null || catalogued !== null).length;
  const ofModel = modelWindow === null ? null : mostOfWindow(modelWindow);
  return targets.map(({ stated, catalogued }) => {
    if (stated !== null) return stated;
    if (catalogued === null) return known === 0 ? modelWindow : null;
    return Math.max(catalogued, ofModel ?? 0);
  });
}

type ModelRow = { id: string; context_window: number | null };
type TargetRow = {
  model_id: string;
  provider_id: string;
  upstream_model: string;
  context_window: number | null;
};

/** What each target reads at most, by the rows of models and targets; null for one of which nothing is known. */
export async function readHeldWindows<Row extends TargetRow>(
  sql: Sql,
  models: readonly ModelRow[],
  targets: readonly Row[],
  addresses: ReadonlyMap<string, ProviderAddress>,
): Promise<ReadonlyMap<Row, number | null>> {
  const placed = new Map<string, { row: Row; provider: ProviderAddress; upstreamModel: string }[]>();
  for (const row of targets) {
    const provider = addresses.get(row.provider_id);
    if (provider === undefined) continue;
    const own = placed.get(row.model_id) ?? [];
    own.push({ row, provider, upstreamModel: row.upstream_model });
    placed.set(row.model_id, own);
  }
  const cataloguedWindow = await readCataloguedWindows(sql, [...placed.values()].flat());
  const windows = new Map<Row, number | null>();
  for (const { id, context_window: modelWindow } of models) {
    const own = placed.get(id) ?? [];
    const held = heldWindows(
      modelWindow,
      own.map(({ row, provider, upstreamModel }) => ({
        stated: row.context_window,
        catalogued: cataloguedWindow(provider, upstreamModel),
      })),
    );
    for (const [at, { row }] of own.entries()) windows.set(row, held[at] ?? null);
  }
  return windows;
}

/** The most that a provider's model may read by what the catalogues say; null if none says. */
export type CataloguedWindow = (provider: ProviderAddress, upstreamModel: string) => number | null;

/** By the address that prices it, and its name there. What is not known is 0. */
const builtIn = new LRUCache<string, number>({ max: 20_000 });

function builtInOnce(url: string, upstreamModel: string): number {
  const key = `${url} ${upstreamModel}`;
  const before = builtIn.get(key);
  if (before !== undefined) return before;
  const found = builtInWindow({ url }, upstreamModel) ?? 0;
  builtIn.set(key, found);
  return found;
}

/** Looks up what catalogues say of targets: both count, since either may be behind the provider. */
export async function readCataloguedWindows(
  sql: Sql,
  targets: readonly { provider: ProviderAddress; upstreamModel: string }[],
): Promise<CataloguedWindow> {
  const names = new Set<string>();
  const pause = pauses();
  for (const { provider, upstreamModel } of targets) {
    for (const name of importedNames(provider, upstreamModel)) names.add(name);
    builtInOnce(provider.url, upstreamModel);
    await pause();
  }
  const rows =
    names.size === 0
      ? []
      : await sql<{ model: string; context_window: number | null }[]>`
          SELECT model, context_window FROM imported_prices
          WHERE model IN (SELECT json_array_elements_text(${JSON.stringify([...names])}::text::json))`;
  const imported = new Map(rows.map((row) => [row.model, row.context_window ?? 0]));
  return (provider, upstreamModel) => {
    const name = importedNames(provider, upstreamModel).find((each) => imported.has(each));
    const most = Math.max(
      builtInOnce(provider.url, upstreamModel),
      name === undefined ? 0 : (imported.get(name) ?? 0),
    );
    return most === 0 ? null : mostOfWindow(most);
  };
}
