import { forbidden } from "#lib/http/errors";
import type { ServiceContext } from "#lib/services/context";
import type { ActorContext } from "#lib/services/verb";

/** What the verbs of providers, models and prices need. Start-up calls them as the system, in a transaction. */
export type RoutingContext = Omit<ServiceContext, "actor" | "hashSecret"> & ActorContext;

/**
 * Providers, models and prices belong to the whole installation.
 * @throws ServiceError "forbidden" for everyone but administrators and the system
 */
export function requireRoutingAdministrator({ actor }: Pick<RoutingContext, "actor">): void {
  if (actor.kind === "system" || actor.role === "admin") return;
  throw forbidden("Only administrators can change providers, models and prices.");
}
