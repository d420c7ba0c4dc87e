import { readActor } from "#lib/auth/read-actor";
import type { SignedIn } from "#lib/auth/session-record";
import { signIn } from "#lib/auth/sign-in";
import type { Db } from "#lib/db/client";
import { newOrigin } from "./people";

export const PASSWORD = "toll road 7";

/** Signing in to one database as the sign-in page does, each time from a new address. */
export function passwordSignIn(db: Db) {
  const tryToSignIn = async (credentials: unknown): Promise<SignedIn | null> => {
    const answer = await signIn(db, credentials, newOrigin());
    return answer.outcome === "signed_in" ? answer.session : null;
  };
  return {
    /** Returns the new session; null if it is rejected. */
    tryToSignIn,
    /** Returns the id of the new session. */
    sessionOf: async (email: string, password = PASSWORD): Promise<string> => {
      const session = await tryToSignIn({ email, password });
      if (session === null) throw new Error("not signed in");
      return session.id;
    },
    actorOf: (sessionId: string) => readActor(db, { sessionId }),
  };
}
