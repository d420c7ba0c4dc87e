import "server-only";
import { headers } from "next/headers";
import type { Actor } from "#lib/auth/actor";
import { secretHasher } from "#lib/auth/api-key";
import { requireActor } from "#lib/auth/session";
import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { controlDb, type Db } from "#lib/db/client";

/** What every verb of the service layer is given: a plain object, so that each door can build its own. */
export type ServiceContext = {
  db: Db;
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
  const actor = await requireActor(from);
  const hashSecret = oncePerProcess("hash-secret", () => secretHasher(config().ENCRYPTION_KEY));
  return { db: controlDb(), actor, hashSecret, requestIp: await clientIp() };
}

/** The last address in `x-forwarded-for`: the one that the nearest server wrote, not the client. */
async function clientIp(): Promise<string | null> {
  const forwarded = (await headers()).get("x-forwarded-for");
  return forwarded?.split(",").at(-1)?.trim() || null;
}
