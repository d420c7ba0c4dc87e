import type { Actor } from "#lib/auth/actor";

/** How the ledger names an actor: users by e-mail address, since names are not unique. */
export const actorLabel = (actor: Actor): string => (actor.kind === "user" ? actor.email : actor.name);
