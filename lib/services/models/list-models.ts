import { z } from "zod";
import { models } from "#lib/db/schema/routing";
import { createdCursor, createdPageQuery, olderThan } from "#lib/services/created-page";
import { pageOf, toPage } from "#lib/services/page";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { verb } from "#lib/services/verb";
import { Model, readModels } from "./model";

/** Lists models, newest first: they belong to the whole installation, and everyone may see what they cost. */
export const listModels = verb({
  role: "viewer",
  input: z.strictObject(createdPageQuery),
  output: pageOf(Model),
  run: async (ctx: Pick<RoutingContext, "db" | "actor">, { limit, cursor }) => {
    const rows = await readModels(ctx.db, olderThan(models, cursor), limit + 1);
    return toPage(rows, limit, ({ createdMicros: _, ...model }) => model, createdCursor);
  },
});
