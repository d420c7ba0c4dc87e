import { z } from "zod";
import { models } from "#lib/db/schema/routing";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { createdPageQuery, olderThan, toCreatedPage } from "#lib/services/created-page";
import type { Page } from "#lib/services/page";
import { type Model, readModels } from "./model";

export const ListModelsQuery = z.strictObject(createdPageQuery);

/**
 * All models, newest first: they belong to the whole installation, and everybody may know what they cost.
 * @throws ServiceError "invalid"
 */
export async function listModels(
  ctx: Pick<ServiceContext, "db">,
  query: z.input<typeof ListModelsQuery> = {},
): Promise<Page<Model>> {
  const { limit, cursor } = parseInput(ListModelsQuery, query);
  const rows = await readModels(ctx.db, olderThan(models, cursor), limit + 1);
  return toCreatedPage(rows, limit, ({ createdMicros: _, ...model }) => model);
}
