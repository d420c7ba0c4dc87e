import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { idField } from "#lib/services/fields";
import { type App, toApp } from "./app";
import { readApp } from "./app-access";

export const AppId = z.strictObject({ id: idField("app") });

/**
 * One app.
 * @throws ServiceError "not_found" (none that the actor may see)
 */
export async function getApp(ctx: ServiceContext, input: z.input<typeof AppId>): Promise<App> {
  const { id } = parseInput(AppId, input);
  return toApp(await readApp(ctx.db, ctx.actor, id));
}
