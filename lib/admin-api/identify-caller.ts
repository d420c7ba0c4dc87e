import type { Actor, UserActor } from "#lib/auth/actor";
import { readAdminToken } from "#lib/auth/admin-token";
import { sameSecret } from "#lib/auth/same-secret";
import type { Db } from "#lib/db/client";
import { ApiError } from "#lib/http/api-error";

/** Where callers are looked up. */
export type CallerSources = {
  db: Db;
  hashSecret: (secret: string) => Buffer;
  /** ADMIN_API_KEY, if it is set. */
  adminApiKey: string | undefined;
  /** The user with a portal session in this request. */
  sessionActor: () => Promise<UserActor | null>;
};

export type Caller = { actor: Actor; by: "bearer" | "session" };

const ADMIN_API_KEY_ACTOR: Actor = {
  kind: "token",
  id: "admin_api_key",
  name: "ADMIN_API_KEY",
  role: "admin",
  organizationId: null,
};

/**
 * Identifies the caller by bearer, else by session. A wrong bearer is rejected even when there is a session.
 * @throws ApiError invalid_api_key
 */
export async function identifyCaller(sources: CallerSources, request: Request): Promise<Caller> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    const actor = bearer === undefined ? null : await actorOf(sources, bearer);
    if (actor === null) throw unauthenticated("This admin token is unknown, deleted or expired.");
    return { actor, by: "bearer" };
  }
  const actor = await sources.sessionActor();
  if (actor === null) {
    throw unauthenticated("Send 'Authorization: Bearer <ADMIN_API_KEY or an admin token>', or sign in.");
  }
  return { actor, by: "session" };
}

async function actorOf(
  { db, hashSecret, adminApiKey }: CallerSources,
  bearer: string,
): Promise<Actor | null> {
  if (adminApiKey !== undefined && sameSecret(bearer, adminApiKey)) return ADMIN_API_KEY_ACTOR;
  return readAdminToken(db, hashSecret, bearer);
}

const unauthenticated = (message: string) =>
  new ApiError("invalid_api_key", message, { headers: { "www-authenticate": "Bearer" } });
