import type { Actor } from "#lib/auth/actor";
import { secretHash } from "#lib/auth/hashing-secrets";
import { currentActor } from "#lib/auth/session";
import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { ApiError } from "#lib/http/api-error";
import { contextOf } from "#lib/services/context";
import { answerAdmin } from "./answer";
import { type CallerSources, identifyCaller } from "./identify-caller";
import type { Operation } from "./operation";
import { operations } from "./operations";

/** The Admin API of this process; Next's route handler mounts it for every method and path below it. */
export function handleAdminRequest(request: Request): Promise<Response> {
  return answer(request, operations);
}

/** The same for administrators of the installation alone. */
export function handleForAdministrators(request: Request): Promise<Response> {
  return answer(
    request,
    operations.map((operation) => ({ ...operation, role: "admin" })),
  );
}

function answer(request: Request, served: readonly Operation[]): Promise<Response> {
  const { NEXTAUTH_URL } = config();
  return answerAdmin(
    { operations: served, callers: callerSources(), portalUrl: NEXTAUTH_URL, contextOf },
    request,
  );
}

/** The caller of a public page, by bearer or session as for the Admin API; null for an anonymous request. */
export async function actorOfRequest(request: Request): Promise<Actor | null> {
  try {
    return (await identifyCaller(callerSources(), request)).actor;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

const callerSources = (): CallerSources => ({
  db: controlDb(),
  hashSecret: secretHash(),
  adminApiKey: config().ADMIN_API_KEY,
  sessionActor: currentActor,
});
