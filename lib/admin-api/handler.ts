import "server-only";
import { currentActor } from "#lib/auth/session";
import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { contextOf, secretHash } from "#lib/services/context";
import { answerAdmin } from "./answer";
import { operations } from "./operations";

/** The Admin API of this process: what Next's route handler mounts, for every method and path below it. */
export function handleAdminRequest(request: Request): Promise<Response> {
  const { ADMIN_API_KEY, NEXTAUTH_URL, ENCRYPTION_KEY } = config();
  return answerAdmin(
    {
      operations,
      callers: {
        db: controlDb(),
        hashSecret: secretHash(),
        adminApiKey: ADMIN_API_KEY,
        sessionActor: currentActor,
      },
      portalUrl: NEXTAUTH_URL,
      encryptionKey: ENCRYPTION_KEY,
      contextOf,
    },
    request,
  );
}
