import { z } from "zod";
import { providers } from "#lib/db/schema/routing";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
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
    const page = createdPage(providers, { limit, cursor });
    const query = ctx.db
      .select({ ...providerColumns, createdMicros: page.createdMicros })
      .from(providers)
      .where(page.after);
    return page.read(query, toProvider);
  },
});
