import type { Actor, UserActor } from "#lib/auth/actor";
import { readAdminToken } from "#lib/auth/admin-token";
import { sameSecret } from "#lib/auth/same-secret";
import type { Db } from "#lib/db/client";
import { ApiError } from "#lib/http/api-error";

/** What callers are known by. */
export type CallerSources = {
  db: Db;
  hashSecret: (secret: string) => Buffer;
  /** ADMIN_API_KEY; undefined where it is not set. */
  adminApiKey: string | undefined;
  /** Who is signed in to the portal in this request. */
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
 * Who sends a request of the Admin API: a bearer, else whoever is signed in. A bearer that is wrong is
 * nobody, also in a browser where somebody is signed in.
 * @throws ApiError invalid_api_key
 */
export async function identifyCaller(sources: CallerSources, request: Request): Promise<Caller> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    const actor = bearer === undefined ? null : await actorOf(sources, bearer);
    if (actor === null) throw unknownCaller("This admin token is not known, was deleted, or has expired.");
    return { actor, by: "bearer" };
  }
  const actor = await sources.sessionActor();
  if (actor === null) {
    throw unknownCaller("Send 'Authorization: Bearer <ADMIN_API_KEY or an admin token>', or sign in first.");
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

const unknownCaller = (message: string) =>
  new ApiError("invalid_api_key", message, { headers: { "www-authenticate": "Bearer" } });
