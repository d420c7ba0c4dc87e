import "server-only";
import { inArray } from "drizzle-orm";
import { cataloguePrice, catalogueProviderId } from "#lib/credit/catalogue";
import type { PriceVersion } from "#lib/credit/price-version";
import type { Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { invalidField } from "#lib/http/errors";
import { defaultBaseUrl, isServedType } from "#lib/providers/registry";

export type TargetProvider = Pick<typeof providers.$inferSelect, "id" | "name" | "type" | "baseUrl">;

/** What the catalogue says of a model at a provider. */
export type CataloguePrice = PriceVersion & { contextWindow: number | null };

/**
 * The providers with these ids, kept from being deleted until the transaction ends.
 * @throws ServiceError "invalid" about `targets` when one is not there
 */
export async function providersOf(tx: Tx, ids: readonly string[]): Promise<Map<string, TargetProvider>> {
  const { id, name, type, baseUrl } = providers;
  const rows = await tx
    .select({ id, name, type, baseUrl })
    .from(providers)
    .where(inArray(id, [...new Set(ids)]))
    .for("key share");
  const found = new Map(rows.map((row) => [row.id, row]));
  if (ids.some((wanted) => !found.has(wanted))) throw invalidField("targets", "There is no such provider.");
  return found;
}

/**
 * The catalogue's price of a model at a provider, as of `at`.
 * @throws ServiceError "invalid" about `price` where the catalogue has none: then it must be given by hand
 */
export function catalogueTargetPrice(
  provider: TargetProvider,
  upstreamModel: string,
  at: Date,
): CataloguePrice {
  const baseUrl = provider.baseUrl ?? (isServedType(provider.type) ? defaultBaseUrl(provider.type) : "");
  const catalogueId = baseUrl === "" ? null : catalogueProviderId(baseUrl);
  const found = catalogueId === null ? null : cataloguePrice(catalogueId, upstreamModel, at);
  if (found === null) {
    throw invalidField(
      "price",
      `The catalogue has no price for "${upstreamModel}" at ${provider.name}: give its rates in USD per million tokens.`,
    );
  }
  return { source: "catalogue", ...found };
}
