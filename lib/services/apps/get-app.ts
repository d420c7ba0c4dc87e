import { z } from "zod";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { App, toApp } from "./app";
import { readApp } from "./app-access";

export const AppId = z.strictObject({ id: idField("app") });

/** @throws ServiceError "not_found" if there is none that the actor may see */
export const getApp = verb({
  role: "viewer",
  input: AppId,
  output: App,
  run: async (ctx, { id }) => {
    return toApp(await readApp(ctx.db, ctx.actor, id));
  },
});
