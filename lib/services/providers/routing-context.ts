import type { ServiceContext } from "#lib/services/context";
import type { ActorContext } from "#lib/services/verb";

/** What the verbs of providers, models and prices need. Start-up calls them as the system, in a transaction. */
export type RoutingContext = Omit<ServiceContext, "actor" | "hashSecret" | "passwordSalt" | "portalUrl"> &
  ActorContext;
