import { getServerSession } from "next-auth";
import { cache } from "react";
import { controlDb } from "#lib/db/client";
import type { UserActor } from "./actor";
import { readSession, type Session } from "./read-actor";
import { sessionOptions } from "./session-options";

/** The session of this request, read from the database once; null without one. */
export const currentSession = cache(async (): Promise<Session | null> => {
  const claims = await getServerSession(sessionOptions());
  return claims === null ? null : readSession(controlDb(), claims);
});

/** The signed-in user of this request; null without a session. */
export const currentActor = async (): Promise<UserActor | null> => (await currentSession())?.actor ?? null;
