import { SYSTEM } from "#lib/auth/actor";
import { config } from "#lib/config/config";
import { controlDb, type Db } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { fetchCatalogue } from "#lib/services/prices/fetch-catalogue";
import { type PriceImport, refreshPrices } from "#lib/services/prices/import-prices";
import { hasRunToday, recordRun } from "./job-runs";

const NAME = "prices";

/**
 * Imports the catalogue at PRICE_CATALOGUE_URL. For cron.
 * @param url for tests
 * @returns `skipped: true` without a URL
 * @throws ApiError upstream_error for a catalogue that cannot be read or is much smaller than before: nothing changes
 */
export async function refreshPricesFromUrl(
  db: Db = controlDb(),
  url: string | null = config().PRICE_CATALOGUE_URL ?? null,
): Promise<PriceImport | { skipped: true }> {
  if (url === null) return { skipped: true };
  const result = await refreshPrices({ db, actor: SYSTEM }, await fetchCatalogue(url));
  await recordRun(db, NAME);
  const { skipped: _, ...counts } = result;
  log.info({ job: NAME, ...counts }, "prices refreshed");
  return result;
}

/**
 * The same once per UTC day. It is called often and runs unless the day has had a run on any replica.
 * @returns null if there was nothing to do
 */
export async function dailyPriceRefresh(
  db: Db = controlDb(),
  url: string | null = config().PRICE_CATALOGUE_URL ?? null,
): Promise<PriceImport | { skipped: true } | null> {
  return url === null || (await hasRunToday(db, NAME)) ? null : refreshPricesFromUrl(db, url);
}
