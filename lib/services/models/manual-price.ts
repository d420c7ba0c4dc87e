import type { z } from "zod";
import { type Price, ratesOf } from "#lib/services/prices/price";
import type { RoutingContext } from "#lib/services/providers/routing-context";

/** The source of a price version that an actor entered. */
export const manualPrice = ({ actor }: Pick<RoutingContext, "actor">, price: z.output<typeof Price>) => ({
  source: "manual" as const,
  origin: `by hand: ${actor.name}`,
  rates: ratesOf(price),
});
