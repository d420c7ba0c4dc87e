import { z } from "zod";
import { notFound } from "#lib/http/errors";
import { idField } from "#lib/services/fields";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { verb } from "#lib/services/verb";
import { Model, readModel } from "./model";

export const ModelId = z.strictObject({ id: idField("model") });

/** Reads one model. */
export const getModel = verb({
  role: "viewer",
  input: ModelId,
  output: Model,
  run: async (ctx: Pick<RoutingContext, "db" | "actor">, { id }) => {
    const model = await readModel(ctx.db, id);
    if (model === null) throw notFound("model");
    return model;
  },
});
