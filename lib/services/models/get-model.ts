import { z } from "zod";
import { notFound } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { type Model, readModel } from "./model";

export const ModelId = z.strictObject({ id: idField("model") });

/**
 * One model, for everybody.
 * @throws ServiceError "not_found"
 */
export async function getModel(
  ctx: Pick<ServiceContext, "db">,
  input: z.input<typeof ModelId>,
): Promise<Model> {
  const { id } = parseInput(ModelId, input);
  const model = await readModel(ctx.db, id);
  if (model === null) throw notFound("model");
  return model;
}
