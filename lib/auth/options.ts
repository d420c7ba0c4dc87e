import "server-only";
import type { AuthOptions } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { config } from "#lib/config/config";
import { controlDb } from "#lib/db/client";
import { log } from "#lib/observability/log";
import { signIn } from "./sign-in";

declare module "next-auth" {
  interface User {
    /** See lib/auth/session-stamp.ts. */
    stamp: string;
  }
  interface Session {
    userId: string;
    stamp: string;
  }
}

declare module "next-auth/jwt" {
  interface JWT {
    stamp?: string;
  }
}

const TWELVE_HOURS_S = 12 * 60 * 60;

/**
 * How people sign in: next-auth with e-mail and password, and a session in an encrypted cookie that
 * ends twelve hours after it. A function, since the configuration is not there while building.
 */
export function authOptions(): AuthOptions {
  return {
    secret: config().NEXTAUTH_SECRET,
    session: { strategy: "jwt", maxAge: TWELVE_HOURS_S },
    // Its own would write to the console, and not as JSON.
    logger: {
      error: (code, metadata) =>
        log.warn({ code, err: metadata instanceof Error ? metadata : metadata.error }, "next-auth failed"),
      warn: (code) => log.debug({ code }, "next-auth warns"),
      debug: () => {},
    },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [
      Credentials({
        credentials: { email: { type: "email" }, password: { type: "password" } },
        authorize: (credentials) => signIn(controlDb(), credentials),
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => (user ? { sub: user.id, stamp: user.stamp } : token),
      session: ({ session, token }) => ({
        expires: session.expires,
        userId: token.sub ?? "",
        stamp: token.stamp ?? "",
      }),
    },
  };
}
