import type { Actor, SystemActor } from "#lib/auth/actor";
import type { Config } from "#lib/config/config";
import type { Db, Tx } from "#lib/db/client";
import { forbidden } from "#lib/http/errors";

/** What the verbs of providers, models and prices need. Start-up calls them as the system, in a transaction. */
export type RoutingContext = {
  db: Db | Tx;
  actor: Actor | SystemActor;
  config: Pick<Config, "ENCRYPTION_KEY" | "BLOCK_PRIVATE_UPSTREAMS">;
  requestIp?: string | null;
};

/**
 * Providers, models and prices belong to the whole installation.
 * @throws ServiceError "forbidden" for everyone but administrators and the system
 */
export function requireRoutingAdministrator({ actor }: Pick<RoutingContext, "actor">): void {
  if (actor.kind === "system" || actor.role === "admin") return;
  throw forbidden("Only administrators can change providers, models and prices.");
}
