import { redirect } from "next/navigation";
import { getServerSession } from "next-auth";
import { cache } from "react";
import { controlDb } from "#lib/db/client";
import type { UserActor } from "./actor";
import { readActor } from "./read-actor";
import { sessionOptions } from "./session-options";

/** Who is signed in, read again from the database once per request; null for nobody. */
export const currentActor = cache(async (): Promise<UserActor | null> => {
  const session = await getServerSession(sessionOptions());
  return session === null ? null : readActor(controlDb(), session);
});

/**
 * Who is signed in; nobody is sent to the sign-in page (Next's redirect, which is thrown), and to
 * `from` afterwards.
 */
export async function requireActor(from?: string): Promise<UserActor> {
  const actor = await currentActor();
  if (actor === null)
    redirect(from && from !== "/" ? `/sign-in?from=${encodeURIComponent(from)}` : "/sign-in");
  return actor;
}
