import { z } from "zod";
import { providers } from "#lib/db/schema/routing";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import {
  createdMicros,
  createdPageQuery,
  newestFirst,
  olderThan,
  toCreatedPage,
} from "#lib/services/created-page";
import type { Page } from "#lib/services/page";
import { type Provider, toProvider } from "./provider";
import { providerColumns } from "./read-provider";
import { requireProviderReader } from "./routing-context";

export const ListProvidersQuery = z.strictObject(createdPageQuery);

/**
 * All providers, newest first.
 * @throws ServiceError "invalid", "forbidden" for all but administrators
 */
export async function listProviders(
  ctx: Pick<ServiceContext, "db" | "actor">,
  query: z.input<typeof ListProvidersQuery> = {},
): Promise<Page<Provider>> {
  requireProviderReader(ctx);
  const { limit, cursor } = parseInput(ListProvidersQuery, query);
  const rows = await ctx.db
    .select({ ...providerColumns, createdMicros: createdMicros(providers) })
    .from(providers)
    .where(olderThan(providers, cursor))
    .orderBy(...newestFirst(providers))
    .limit(limit + 1);
  return toCreatedPage(rows, limit, toProvider);
}
