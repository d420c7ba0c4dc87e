import { z } from "zod";
import { idField } from "#lib/services/fields";
import { verb } from "#lib/services/verb";
import { Provider, toProvider } from "./provider";
import { readProvider } from "./read-provider";
import type { RoutingContext } from "./routing-context";

export const ProviderId = z.strictObject({ id: idField("provider") });

/** Reads one provider. */
export const getProvider = verb({
  role: "admin",
  input: ProviderId,
  output: Provider,
  run: async (ctx: Pick<RoutingContext, "db" | "actor">, { id }) =>
    toProvider(await readProvider(ctx.db, id)),
});
