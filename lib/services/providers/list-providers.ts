import { z } from "zod";
import { providers } from "#lib/db/schema/routing";
import {
  createdMicros,
  createdPageQuery,
  newestFirst,
  olderThan,
  toCreatedPage,
} from "#lib/services/created-page";
import { pageOf } from "#lib/services/page";
import { verb } from "#lib/services/verb";
import { Provider, toProvider } from "./provider";
import { providerColumns } from "./read-provider";
import type { RoutingContext } from "./routing-context";

/** Lists providers, newest first. */
export const listProviders = verb({
  role: "admin",
  input: z.strictObject(createdPageQuery),
  output: pageOf(Provider),
  run: async (ctx: Pick<RoutingContext, "db" | "actor">, { limit, cursor }) => {
    const rows = await ctx.db
      .select({ ...providerColumns, createdMicros: createdMicros(providers) })
      .from(providers)
      .where(olderThan(providers, cursor))
      .orderBy(...newestFirst(providers))
      .limit(limit + 1);
    return toCreatedPage(rows, limit, toProvider);
  },
});
