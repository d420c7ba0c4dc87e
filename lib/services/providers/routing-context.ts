import type { Actor, SystemActor } from "#lib/auth/actor";
import type { Config } from "#lib/config/config";
import type { Db, Tx } from "#lib/db/client";
import { forbidden } from "#lib/http/errors";

/**
 * What the verbs of providers, models and prices are given. Boot has nobody signed in, and makes several
 * things in one transaction: hence the system actor and `Tx`.
 */
export type RoutingContext = {
  db: Db | Tx;
  actor: Actor | SystemActor;
  config: Pick<Config, "ENCRYPTION_KEY" | "BLOCK_PRIVATE_UPSTREAMS">;
  requestIp?: string | null;
};

/**
 * Providers, models and prices belong to the whole installation.
 * @throws ServiceError "forbidden" for everybody but administrators and the system itself
 */
export function requireRoutingAdministrator({ actor }: Pick<RoutingContext, "actor">): void {
  if (actor.kind === "system" || actor.role === "admin") return;
  throw forbidden("Providers, models and prices are for administrators to change.");
}

/**
 * Providers are administrators' business as a whole: where they are, and how they do.
 * @throws ServiceError "forbidden" for everybody else
 */
export function requireProviderReader({ actor }: Pick<RoutingContext, "actor">): void {
  if (actor.kind === "system" || actor.role === "admin") return;
  throw forbidden("Providers are for administrators to see.");
}
