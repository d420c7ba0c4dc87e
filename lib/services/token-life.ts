import type { Actor, Role, SystemActor } from "#lib/auth/actor";
import { forbidden, invalidField } from "#lib/http/errors";

/** When the token that acts ends; null for a user and for a token without an end. */
const endOf = (actor: Actor | SystemActor): Date | null =>
  actor.kind === "token" ? (actor.expiresAt ?? null) : null;

/** Whether something that ends at `expiresAt` (null: never) outlives the token that acts. */
export function outlives(actor: Actor | SystemActor, expiresAt: Date | null): boolean {
  const end = endOf(actor);
  return end !== null && (expiresAt === null || expiresAt > end);
}

/**
 * Rejects a credential that would outlive the token that creates it. Left out, `expires_at` is not adjusted: the
 * caller would learn about the end too late.
 * @throws ServiceError "invalid" that names the latest end
 */
export function requireWithinLife(
  actor: Actor | SystemActor,
  expiresAt: Date | null,
  noun: "key" | "token",
): void {
  const end = endOf(actor);
  if (end === null || !outlives(actor, expiresAt)) return;
  throw invalidField(
    "expires_at",
    `A ${noun} may not outlive the token that creates or extends it: choose ${end.toISOString()} or earlier.`,
  );
}

/**
 * Rejects a new secret for something that outlives the token that asks for it.
 * @param expiresAt null: it has no end, as an app's secret
 * @throws ServiceError "forbidden"
 */
export function requireSecretWithinLife(
  actor: Actor | SystemActor,
  expiresAt: Date | null,
  noun: "key" | "app" | "webhook",
): void {
  const end = endOf(actor);
  if (end === null || !outlives(actor, expiresAt)) return;
  throw forbidden(
    `This token ends at ${end.toISOString()} and the secret of this ${noun} would outlive it: use a token that does not end, or sign in to the portal.`,
  );
}

/**
 * Rejects giving a person rights over others that outlive the token that gives them. Members and viewers may be given:
 * they have no rights over others, and scripts with tokens that end create them.
 * @throws ServiceError "forbidden"
 */
export function requireRightsWithinLife(actor: Actor | SystemActor, role: Role): void {
  const end = endOf(actor);
  if (end === null || role === "member" || role === "viewer") return;
  throw forbidden(
    `This token ends at ${end.toISOString()} and the rights of a user with the role ${role} would outlive it: use a token that does not end, or sign in to the portal.`,
  );
}
