import { headers } from "next/headers";
import type { Actor } from "#lib/auth/actor";
import { secretHasher } from "#lib/auth/api-key";
import { requireActor } from "#lib/auth/session";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { controlDb, type Db, type Tx } from "#lib/db/client";
import { clientAddress } from "#lib/http/client-address";

/** What every verb of the service layer is given: a plain object, so that each door can build its own. */
export type ServiceContext = {
  /** A transaction where several verbs, or a verb and what is remembered of it, are to be one change. */
  db: Db | Tx;
  actor: Actor;
  /** Turns a secret into what is stored; needed only by verbs that make secrets. */
  hashSecret?: (secret: string) => Buffer;
  /** Where the change came from, for the audit log. */
  requestIp?: string | null;
};

/**
 * The context of a page or a server action. Nobody signed in: to the sign-in page, and back to `from` after.
 */
export async function serviceContext(from?: string): Promise<ServiceContext> {
  return contextOf(await requireActor(from), await headers());
}

/** The context of a request whose caller is known. */
export function contextOf(actor: Actor, requestHeaders: Pick<Headers, "get">): ServiceContext {
  return { db: controlDb(), actor, hashSecret: secretHash(), requestIp: clientAddress(requestHeaders) };
}

/** What turns secrets into what is stored, in this process. */
export const secretHash = () => oncePerProcess("hash-secret", () => secretHasher(config().ENCRYPTION_KEY));
