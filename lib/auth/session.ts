import { getServerSession } from "next-auth";
import { cache } from "react";
import { controlDb } from "#lib/db/client";
import type { UserActor } from "./actor";
import { readActor } from "./read-actor";
import { sessionOptions } from "./session-options";

/** The signed-in user, read from the database once per request; null without a session. */
export const currentActor = cache(async (): Promise<UserActor | null> => {
  const session = await getServerSession(sessionOptions());
  return session === null ? null : readActor(controlDb(), session);
});
