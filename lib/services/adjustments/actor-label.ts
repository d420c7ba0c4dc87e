import type { Actor } from "#lib/auth/actor";

/** How the ledger names who adjusted it: people by their e-mail address, since names are shared. */
export const actorLabel = (actor: Actor): string => (actor.kind === "user" ? actor.email : actor.name);
